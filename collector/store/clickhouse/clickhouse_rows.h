/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROWS_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ROWS_H

/* Measurements and rollup rows as the tables have them. Pure. */

#include "collector/record/row.h"
#include "collector/record/row_id.h"
#include "collector/store/clickhouse/clickhouse_wire.h"

/* The columns of `measurement` that make a row, in the order of
 * rows_take_measurement(). */
#define ROWS_MEASUREMENT                                                   \
	"at_ms, agent, report, n, run_by, asn, network, country, prefix, " \
	"family, endpoint, address, port, mode, ended, failure, outcome, " \
	"mechanism, where_, after_hop, before_hop, endpoint_hops, "        \
	"after_asn, before_asn, signs, icmp_type, icmp_code, smtp_code, "  \
	"tls_version, tls_verify, connect_us, total_us, attributed, listed"

/* What an insert has before them. */
#define ROWS_INSERT "received_ms, own, copy, day, hour, " ROWS_MEASUREMENT

struct rows_origin {
	uint8_t report[ROW_UUID_BYTES];
	uint32_t n;
	int64_t received_ms;
	bool own; /* its agent sent it; else an import brought it */
};

#define ROWS_BEFORE_COPY 9 /* bytes of a written row */
#define ROWS_COPY_BYTES  8

/* Its column `copy` is 0. */
void rows_put_measurement(struct buf *out, const struct measurement *row,
    const struct rows_origin *origin);

/* False: its codes are none of ours. Nothing is right if the wire ran out. */
bool rows_take_measurement(
    struct wire *wire, struct measurement *row, struct rows_origin *origin);

#define ROWS_ROLLUP                                                  \
	"day, asn, family, port, prefix, agent, endpoint, outcome, " \
	"mechanism, where_, after_asn, before_asn, count, first_ms, last_ms"

bool rows_take_rollup(struct wire *wire, struct rollup_row *row);

#endif
