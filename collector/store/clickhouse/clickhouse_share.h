/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SHARE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_SHARE_H

/* How many rollups of a network's day one agent in a prefix may have read, so
 * that the cost of a verdict follows agents and not what one of them makes up.
 * Pure. */

#include "collector/record/row.h"

/* What it reports about 4096 endpoints, several times over. */
#define SHARE_MOST 16384

struct share {
	size_t count; /* of the agent that has the last row */
};

/* Rows come in their order: network, day, prefix, agent, the rest. `last` is
 * the row before; NULL: this is the first. False: its agent has had its share.
 */
bool share_takes(struct share *share, const struct rollup_row *last,
    const struct rollup_row *row);

#endif
