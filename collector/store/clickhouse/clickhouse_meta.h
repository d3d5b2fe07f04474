/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_META_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_META_H

/* Named numbers of the whole store. Each only grows: of two collectors that
 * write one, the greater value stays. */

#include "collector/store/clickhouse/clickhouse_query.h"

enum meta_name {
	META_SCHEMA,     /* version of the tables */
	META_EXPIRED_MS, /* older reports may have been removed */
	META_CLOCK_MS,   /* of retention */
	META_CLOSED_DAY, /* store_past.h */
	META_ROLLUP_MS,  /* what was received until then is counted */
	META_GENERATION, /* of counts (clickhouse_count.h) */
	META_COUNT
};

struct clickhouse_meta {
	int64_t values[META_COUNT];
	bool has[META_COUNT];
};

/* 0 or -errno. */
int clickhouse_meta_read(
    struct clickhouse *handle, struct clickhouse_meta *meta, struct err *err);

/* The same, with all that anybody was told to be written. -EAGAIN: the servers
 * cannot tell now. */
int clickhouse_meta_read_newest(
    struct clickhouse *handle, struct clickhouse_meta *meta, struct err *err);

/* Write one with a quorum. 0 or -errno. */
int clickhouse_meta_write(struct clickhouse *handle, enum meta_name name,
    int64_t value, struct err *err);

#endif
