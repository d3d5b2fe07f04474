/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_COUNT_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_COUNT_H

/*
 * Counting rows: the statements that fill `rollup` and `vantage`. Of a key the
 * count of the greatest version wins, whoever wrote it and when. A version is a
 * generation and, within it, how many copies of rows were known, and how many
 * of these to be superseded: both only grow while rows only come. Where rows
 * went, a new generation begins (clickhouse_mend.h).
 */

#include "collector/store/clickhouse/clickhouse_handle.h"

/* Of whom a day is counted. */
struct count_scope {
	int32_t day;
	int64_t received_ms; /* who has a row that was received since; 0: all */
	int64_t touched_ms;  /* who was touched since; 0: all */
	const char *agents;  /* these, as SQL; NULL: all */
	int64_t generation;  /* META_GENERATION */
};

/* Of rows that differ, the one that counts; written a moment ago, so that the
 * server that is asked is the one that knows. */
#define COUNT_COUNTS "copy GLOBAL NOT IN (SELECT copy FROM @D.superseded)"

/* It grows with each copy, and with each that is found to be superseded. */
#define COUNT_KNOWN "2 * count() - countIf(" COUNT_COUNTS ")"

/* The columns of `vantage`. */
#define COUNT_VANTAGE                                               \
	"day, asn, country, network, agent, run_by, own, counted, " \
	"listed, first_ms, last_ms, copies"

#define COUNT_VERSION_BITS 40 /* below the generation */

/* The least version of a generation: no row is known. */
static inline uint64_t count_version(int64_t generation)
{
	return (uint64_t)generation << COUNT_VERSION_BITS;
}

typedef void count_printer(struct buf *sql, const struct count_scope *scope);

/* Print FROM and WHERE; `final` is " FINAL" or "". */
void count_print_scope(
    struct buf *sql, const char *final, const struct count_scope *scope);

/* Print " AND ..." for who was touched, if not all are meant. */
void count_print_touched(struct buf *sql, const struct count_scope *scope);

/* Print the SELECT that counts rollups. */
void count_print(struct buf *sql, const struct count_scope *scope);

/* Run an insert that is printed. 0 or -errno. */
int count_run(struct clickhouse *handle, count_printer *print,
    const struct count_scope *scope, struct err *err);

/* Count a day. 0 or -errno. */
int count_day(struct clickhouse *handle, const struct count_scope *scope,
    struct err *err);

#endif
