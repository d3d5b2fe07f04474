/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PARTS_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PARTS_H

/*
 * Which parts of a replicated table were read. Each insert is a block, which
 * ZooKeeper numbers within its partition, the same on all copies, and a part is
 * named by the blocks in it: PARTITION_FROM_TO_LEVEL, whether it was inserted
 * or merged since. So it is known what is new whatever any clock says. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARTS_NAME_SIZE 64

/* The blocks of a part. */
struct parts_span {
	char partition[24];
	int64_t from, to;
};

/* Start from {0}, end with parts_free(). */
struct parts {
	struct parts_span *spans; /* apart from each other */
	size_t count;
};

/* False: it is no part's name. */
bool parts_parse(const char *name, struct parts_span *span);

/* Were all of its blocks read? */
bool parts_have(const struct parts *parts, const struct parts_span *span);

/* Note that it was read. 0 or -ENOMEM. */
int parts_add(struct parts *parts, const struct parts_span *span);

void parts_free(struct parts *parts);

#endif
