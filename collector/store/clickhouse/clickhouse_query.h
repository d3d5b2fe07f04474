/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_QUERY_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_QUERY_H

/* Statements, on whichever of the servers answers. In a statement's text @D is
 * the database, @N the cluster and @C "ON CLUSTER" with its name. */

#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/clickhouse/clickhouse_wire.h"

/* Called where a row may begin. It reads one, and returns 0 without having done
 * anything if `wire` ran out: it is then called again with more bytes. Anything
 * but 0 ends the list, and is what clickhouse_select() returns. */
typedef int clickhouse_row(void *arg, struct wire *wire);

struct clickhouse_select {
	const char *sql; /* without FORMAT */
	clickhouse_row *row;
	void *arg;
	bool is_sequential; /* of a table that is written with a quorum: what
			       was acknowledged is seen */
	bool for_public;    /* by the reader's account, where there is one */
	int64_t most_us;    /* 0: half a minute */
};

/* 0, what `row` returned, or -errno with a sentence: -EAGAIN is a failure that
 * may pass, -ECANCELED the handle was interrupted, -ETIMEDOUT. */
int clickhouse_select(struct clickhouse *handle,
    const struct clickhouse_select *select, struct err *err);

/* Run a statement that gives no rows. */
int clickhouse_run(struct clickhouse *handle, const char *sql, struct err *err);

/* The same, for some seconds at most. -EINPROGRESS: all servers were told, and
 * those that have not done it yet do so later, as when they are back. */
int clickhouse_tell(
    struct clickhouse *handle, const char *sql, struct err *err);

struct clickhouse_insert {
	const char *into; /* "@D.table (columns)" */
	const struct buf *rows;
	bool is_derived; /* one server is enough: it can be made again */
};

/* Insert, and return when a quorum has it. The same bytes are sent again until
 * that is certain, or ten seconds have passed. 0, or -errno; -EAGAIN: it is not
 * known what became of it, whatever a later try was told: send the same again.
 */
int clickhouse_insert(struct clickhouse *handle,
    const struct clickhouse_insert *insert, struct err *err);

/* Run "INSERT ... SELECT" of what can be made again: with a quorum, or, if
 * there is none now, without. Servers are told not to leave out what was
 * inserted before, byte for byte: it may be gone, as where its quorum failed.
 */
int clickhouse_derive(
    struct clickhouse *handle, const char *sql, struct err *err);

#endif
