/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PLACE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_PLACE_H

/*
 * Where a page of measurements begins. Here lists go by rows; a SQLite file's
 * go by reports, and a list that began there goes on here after `migrate`: then
 * what it has shown is left out, until no row of a report that was under way
 * there can follow. Pure.
 */

#include "collector/record/row_cursor.h"
#include "lib/base/buf.h"

struct place {
	bool newest_first;
	bool has_row, has_report; /* neither: at the start */
	struct row_cursor row;    /* just behind this row, and */
	struct row_cursor report; /* behind this one, by reports */
	int64_t report_row_ms;    /* of its row `n`; read from the store */
	bool has_row_time;
};

/* Read a cursor that is not empty; `newest_first` stays. False: it is none. */
bool place_read(struct place *place, const char *cursor);

/* Just behind this row, or where there is none. */
void place_set(struct place *place, const struct row_cursor *row);

/* Write the cursor of a place that has a row. */
void place_write(const struct place *place, char cursor[ROW_CURSOR_SIZE]);

/* Append " AND ..." for what follows, on rows of `measurement`. */
void place_print(const struct place *place, struct buf *sql);

/* Append the SELECT that finds `report_row_ms`. */
void place_print_row_time(const struct place *place, struct buf *sql);

#endif
