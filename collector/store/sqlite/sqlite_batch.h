/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_BATCH_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_BATCH_H

/*
 * Rollup rows of one network, day and vantage point, which are neighbours in
 * the table: counted by one statement, with one search and a walk along them,
 * that takes a third of the time of a search for each.
 */

#include "collector/store/sqlite/sqlite_handle.h"

#define SQLITE_BATCH_MAX 64
/* Batches that are remembered: those of some thousand agents' ports. */
#define SQLITE_BATCH_DENSE 16384

/* A batch that was dense lately. */
struct sqlite_dense {
	uint64_t key; /* a hash of where the walk begins and ends */
	int left;     /* so many times it is taken to be dense yet */
};

struct sqlite_batch {
	struct rollup_row rows[SQLITE_BATCH_MAX]; /* by endpoint */
	int32_t codes[SQLITE_BATCH_MAX];          /* of each */
	bool found[SQLITE_BATCH_MAX]; /* the table has it, and it was added */
	size_t count;
	size_t last;   /* the row that was looked for last */
	unsigned left; /* of its values, a bit for each that is to be added */
	struct sqlite_dense dense[SQLITE_BATCH_DENSE]; /* by key */
};

/* Teach this connection the SQL functions of its statement. 0 or -errno. */
int sqlite_batch_open(struct sqlite_store *sqlite, struct err *err);

/* Append a row, not below the last one's endpoint. False: it is of another
 * network, day or vantage point, or there is no room. */
bool sqlite_batch_take(
    struct sqlite_batch *batch, const struct rollup_row *row);

/* Is one walk worth it? Not for a few rows, nor where the table has many
 * between them; the table is not asked each time. 1, 0 or -errno. */
int sqlite_batch_is_dense(struct sqlite_store *sqlite, struct err *err);

/* Add sqlite->scratch.batch to the rows that the table has, and set `found` of
 * each. 0 or -errno. */
int sqlite_batch_count(struct sqlite_store *sqlite, struct err *err);

#endif
