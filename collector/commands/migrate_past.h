/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_COMMANDS_MIGRATE_PAST_H
#define EGRESS25_COLLECTOR_COMMANDS_MIGRATE_PAST_H

#include "collector/store/store.h"

/* From `source` to `target`: what was published, remarks and decisions. What
 * the target has stays, unless the source has it newer. 0 or -errno. */
int migrate_past(struct store *source, struct store *target, struct err *err);

/* The counts of days from which measurements have been removed, those before
 * `expired_ms`. 0 or -errno. */
int migrate_counts(struct store *source, struct store *target,
    int64_t expired_ms, struct err *err);

#endif
