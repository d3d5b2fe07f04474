/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_EVIDENCE_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_EVIDENCE_H

/*
 * The rows of one network as lines, days and endpoints (doc/verdict.md,
 * sections 1 and 2). A line is one agent. Rows are summed, so their order and
 * splitting do not matter.
 *
 *	evidence_begin(); evidence_add() for each row; evidence_end();
 *	read; begin the next one, or evidence_free().
 *
 * After evidence_end() lines, prefixes and endpoints are numbered in the order
 * of their names. Pure but for the memory that it owns.
 */

#include "collector/record/row.h"
#include "collector/verdict/evidence/names.h"

enum evidence_kind {
	EVIDENCE_NONE,        /* says that the agent was there, no more */
	EVIDENCE_HOME,        /* stopped by the host, or perhaps by it */
	EVIDENCE_GOOD,        /* reachable */
	EVIDENCE_BAD,         /* filtered */
	EVIDENCE_INTERCEPTED, /* a failure too */
};

struct evidence_row {
	uint32_t line, endpoint, prefix;
	int32_t day;
	uint8_t kind, outcome, mechanism, where;
	uint32_t after_asn, before_asn; /* between which it stops (rollup.h) */
	int64_t count, first_ms, last_ms;
};

/* One endpoint as one line saw it on one day. */
struct evidence_cell {
	uint32_t endpoint;
	int64_t good, bad;
	/* INT64_MAX and INT64_MIN where there was none. */
	int64_t first_good_ms, last_good_ms, first_bad_ms, last_bad_ms;
};

/* One day of one line. */
struct evidence_day {
	int32_t day;
	uint32_t prefix; /* of its newest row */
	size_t row, nrows;
	size_t cell, ncells;
};

struct evidence {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	int64_t now_ms;
	int32_t today;
	struct names agents, prefixes, endpoints;
	struct evidence_row *rows; /* owned, as are those that follow */
	size_t nrows;
	bool is_kept; /* rows that begin after now are there, too */
	struct evidence_day *days;
	size_t ndays;
	struct evidence_cell *cells;
	size_t ncells;
	size_t *lines; /* the first day of each line; one more at the end */
	/* Of the arrays: it stays from one network to the next. */
	size_t rows_room, days_room, cells_room;
};

/* Begin a network, with the key of `row`, as of `now_ms`. */
void evidence_begin(
    struct evidence *evidence, const struct rollup_row *row, int64_t now_ms);

/* Is the row one of the network's? */
bool evidence_is_of(
    const struct evidence *evidence, const struct rollup_row *row);

/* What a row says of its line. */
enum evidence_kind evidence_kind_of(enum outcome outcome, enum where where);

/* Add a row of the network. Rows out of the window, or that begin after now,
 * are passed over. 0 or -ENOMEM. */
int evidence_add(struct evidence *evidence, const struct rollup_row *row);

/* Room for one more row; NULL: out of memory. */
struct evidence_row *evidence_next_row(struct evidence *evidence);

/* All rows are there. 0 or -ENOMEM. */
int evidence_end(struct evidence *evidence);

/* The same for who looks at the days and cells from a day on alone. */
int evidence_end_from(struct evidence *evidence, int32_t from_day);

/* Of evidence that is to be packed: sort the rows, and sum those that are
 * counted alike. evidence_end() may follow, or come before where the rows and
 * names are in order as evidence_unpack() gives them. 0 or -ENOMEM. */
int evidence_sum(struct evidence *evidence);

/* Does the row speak of a time after `now_ms`? */
bool evidence_is_later(const struct rollup_row *row, int64_t now_ms);

/* The UTC day of a time. */
int32_t evidence_day_of(int64_t ms);

/* The first day of the window that ends on `today`. */
int32_t evidence_window_begin(int32_t today);

void evidence_free(struct evidence *evidence);

#endif
