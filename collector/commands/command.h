/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_COMMAND_H
#define EGRESS25_COLLECTOR_COMMANDS_COMMAND_H

/*
 * What the commands of egress25-collector share. A command is one function in a
 * file of its own: it prints its result on stdout and its error as one line on
 * stderr, and returns the exit code of the contract (section 2; the names are
 * in lib/config/args.h).
 */

#include <limits.h>
#include <stdbool.h>

#include "collector/base/options.h"
#include "collector/store/store.h"

enum list_format { LIST_TEXT, LIST_JSON };

/* The store that the configuration names, with its engine; to be opened for
 * writing unless the caller changes that. 0 or -EINVAL. */
int command_store_settings(const struct collector_options *options,
    struct store_settings *settings, struct err *err);

/* Open it. 0 or -errno; `*store` is NULL after a failure. */
int command_open_store(const struct collector_options *options, bool read_only,
    struct store **store, struct err *err);

/* The exit code of a command that ends with `error`, 0 or -errno: flush stdout
 * or log the error's sentence. */
int command_end(int error, const struct err *err);

/* A line on stderr that says how far a long command is. Start from {0}. */
struct progress {
	int64_t shown_us; /* clock_mono_us(); 0: never */
};

/* True, at most once a second and only on a terminal: the caller should now
 * print "\r...\033[K" to stderr. */
bool progress_is_due(struct progress *progress);

/* Wipe the line, if there is one. */
void progress_clear(const struct progress *progress);

/* Where an output file is written until it is complete. 0, or -EINVAL: the path
 * is too long. */
int command_unfinished_path(
    const char *output, char path[PATH_MAX], struct err *err);

/* Rename the unfinished file to `output` and sync its directory. 0 or -errno;
 * the unfinished file is removed on failure. */
int command_publish(
    const char *unfinished, const char *output, struct err *err);

#endif
