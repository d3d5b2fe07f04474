/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_COMMAND_H
#define EGRESS25_COLLECTOR_COMMANDS_COMMAND_H

/*
 * What the commands of egress25-collector share. A command is one function in a
 * file of its own: it prints its result on stdout and its error as one line on
 * stderr, and returns the exit code of the contract (section 2; the names are
 * in lib/config/args.h).
 */

#include <stdbool.h>

#include "collector/base/options.h"
#include "collector/store/store.h"
#include "lib/config/endpoints.h"

enum list_format { LIST_TEXT, LIST_JSON };

/* The store that the configuration names, with its engine; to be opened for
 * writing unless the caller changes that. 0 or -EINVAL. */
int command_store_settings(const struct collector_options *options,
    struct store_settings *settings, struct err *err);

/* Open it. 0 or -errno; `*store` is NULL after a failure. */
int command_open_store(const struct collector_options *options, bool read_only,
    struct store **store, struct err *err);

/* What is exported: the rows, and the list of endpoints that are shown. */
struct command_source {
	struct endpoint_list endpoints;
	struct store *store; /* opened for reading */
};

/* 0 or -errno; to be closed in either case. */
int command_open_source(const struct collector_options *options,
    struct command_source *source, struct err *err);
void command_close_source(struct command_source *source);

/* -EINVAL: there is no such option, or it names the database. */
int command_check_output(const struct collector_options *options,
    const char *output, struct err *err);

/* The exit code of a command that ends with `error`, 0 or -errno: flush stdout
 * or log the error's sentence. */
int command_end(int error, const struct err *err);

#endif
