/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_REBUILD_H
#define EGRESS25_COLLECTOR_COMMANDS_REBUILD_H

#include "collector/base/options.h"
#include "collector/store/store.h"

/* Count the rollups of days anew from the measurements, and print each day that
 * has changed. Times are within the first and the last day; 0: all that there
 * are. Returns an exit code. */
int command_rebuild(const struct collector_options *options, int64_t since_ms,
    int64_t until_ms);

/* The same with an open store, for the days from the first to the last one.
 * 0 or -errno. */
int rebuild_days(
    struct store *store, int32_t first, int32_t last, struct err *err);

#endif
