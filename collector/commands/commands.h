/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_COMMANDS_H
#define EGRESS25_COLLECTOR_COMMANDS_COMMANDS_H

/*
 * The commands of egress25-collector, one function each. Each prints its
 * result on stdout, its errors as one line on stderr, and returns the exit
 * code of the contract (section 2; lib/config/args.h has the names).
 */

#include "collector/base/options.h"

/* Serve until SIGTERM (collector/serve.c). SIGHUP reads `config` anew; NULL:
 * the default path. */
int command_serve(const struct collector_options *options, const char *config);

/* collector/commands/export.c; the request is in collector/commands/export.h.
 */
struct export_request;
int command_export(const struct collector_options *options,
    const struct export_request *request);

/* Copy the database to `output` while others use it
 * (collector/commands/backup.c). */
int command_backup(const struct collector_options *options, const char *output);

/* Import rows from files; none named: from stdin. */
int command_import(
    const struct collector_options *options, char **files, int nfiles);

enum listing_format { LISTING_TEXT, LISTING_JSON };

/* The state of every network as of `at_ms`; 0: now. */
int command_verdicts(const struct collector_options *options, int64_t at_ms,
    enum listing_format format);

/* Make an enrolment token, good for one agent, and print it. */
int command_token(const struct collector_options *options);

int command_agents(
    const struct collector_options *options, enum listing_format format);

int command_revoke(const struct collector_options *options, const char *id);

/* Put a remark beside a network; an empty text takes it away. */
int command_annotate(
    const struct collector_options *options, const char *asn, const char *text);

#endif
