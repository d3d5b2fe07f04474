/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MEND_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_MEND_H

/*
 * Rows that went after they were counted. Servers take back what was written
 * and did not reach its quorum, and until then it is read as all else: its
 * report was not acknowledged, and comes again, maybe as other copies. What was
 * counted of the first ones knows more than any count after it.
 */

#include "collector/store/clickhouse/clickhouse_count.h"

/* Make the counts of this scope anew, in a new generation, where more is known
 * of an agent than there are rows, or no copy of a row counts; but not of days
 * that retention removes. 0 or -errno; `handle->generation` is another one
 * where something was done. */
int mend_day(struct clickhouse *handle, const struct count_scope *scope,
    struct err *err);

/* Make all counts of this scope anew. 0 or -errno. */
int mend_all(
    struct clickhouse *handle, struct count_scope scope, struct err *err);

#endif
