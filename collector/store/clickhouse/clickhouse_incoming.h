/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_INCOMING_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_INCOMING_H

/*
 * Reports that are to be stored: which of them are right, and which are stored
 * already. The latter is best effort: copies of a row count once whatever is
 * found here, since a row is known by its agent, report and number.
 */

#include "collector/record/row_id.h"
#include "collector/store/clickhouse/clickhouse_handle.h"

struct incoming {
	const struct store_report *report;
	uint8_t uuid[ROW_UUID_BYTES];
	const char *agent; /* the pseudonym in its rows, or "" */
	int64_t first_ms, last_ms;
	bool own;              /* its agent sent it */
	bool refused, repeats; /* not to be stored */
	bool is_unsettled;     /* but its entry is, and of an import its rows */
	size_t nknown; /* of an import: of its rows those that are stored */
};

/* Are its rows to be stored? */
bool incoming_has_rows(const struct incoming *incoming);

/* Read what is known from `report` alone. 0, or -EINVAL: it is wrong. */
int incoming_read(struct incoming *incoming, struct err *err);

/* Check all, and look for those that are stored. A report that is wrong is
 * refused, and `err` says why, or ends this if there is no `refused`. 0, or
 * -errno. */
int incoming_check(struct clickhouse *handle, struct incoming *incoming,
    size_t count, bool may_refuse, struct err *err);

#endif
