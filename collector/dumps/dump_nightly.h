/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_NIGHTLY_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_NIGHTLY_H

/*
 * The thread of a collector that serves which writes the files of the days that
 * are over (dump_days.h): a while after midnight, UTC, and when it starts those
 * that it missed. Of the last two weeks, for which agents may still bring rows,
 * it makes a new version where rows came; days before those to keep it removes.
 * It has the least claim to processor and disk. Where several collectors share
 * a directory, one of them writes; of one store each writes the same bytes into
 * its own.
 */

#include "collector/base/options.h"
#include "collector/store/store.h"

struct dump_nightly;

struct dump_nightly_figures {
	int64_t until_ms; /* the end of the newest day that is there; 0: none */
	int64_t failed;   /* attempts */
};

/* Open the store and start the thread. `settings` are for reading. 0, -EINVAL
 * or -errno. */
int dump_nightly_start(const struct store_settings *settings,
    const struct collector_options *options, struct dump_nightly **nightly,
    struct err *err);

/* What applies from now on; also whether days are written at all. */
void dump_nightly_set(
    struct dump_nightly *nightly, const struct collector_options *options);

/* Copy the figures as of now. */
void dump_nightly_read_figures(
    struct dump_nightly *nightly, struct dump_nightly_figures *figures);

/* Interrupt what is being written, which is then not there, end the thread and
 * free. NULL is allowed. */
void dump_nightly_stop(struct dump_nightly *nightly);

#endif
