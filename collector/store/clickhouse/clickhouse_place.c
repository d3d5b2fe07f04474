/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_place.h"

#include <inttypes.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/store_report.h"
#include "lib/base/day.h"

bool place_read(struct place *place, const char *cursor)
{
	const char *at = cursor;

	place->has_row = row_cursor_read(&at, '\0', false, &place->row) ||
			 (strchr(at, ',') != NULL &&
			     row_cursor_read(&at, ',', false, &place->row));
	place->has_report = (at == cursor || *at != '\0') &&
			    row_cursor_read(&at, '\0', true, &place->report);
	return *at == '\0' && (place->has_row || place->has_report);
}

/* No report covers more time than that. */
static bool is_behind_reports(const struct place *place)
{
	int64_t from = place->report.at_ms, at = place->row.at_ms;

	return place->newest_first ? at < from : at > from + STORE_SPAN_MAX_MS;
}

void place_set(struct place *place, const struct row_cursor *row)
{
	place->row = *row;
	place->has_row = true;
	if (place->has_report && is_behind_reports(place))
		place->has_report = false;
}

void place_write(const struct place *place, char cursor[ROW_CURSOR_SIZE])
{
	cursor[0] = '\0';
	row_cursor_add(cursor, false, &place->row);
	if (!place->has_report)
		return;
	strcat(cursor, ",");
	row_cursor_add(cursor, true, &place->report);
}

static void print_report(const struct row_cursor *cursor, struct buf *sql)
{
	filter_print_bytes(sql, cursor->report, sizeof(cursor->report));
}

/* Behind row `n`, which is of this time, of a report. */
static void print_behind(
    const char *beyond, int64_t at_ms, uint32_t n, struct buf *sql)
{
	buf_printf(sql,
	    "(at_ms %s %" PRId64 " OR (at_ms = %" PRId64 " AND n %s %" PRIu32
	    "))",
	    beyond, at_ms, at_ms, beyond, n);
}

static void print_row(const struct place *place, struct buf *sql)
{
	const char *beyond = place->newest_first ? "<" : ">";
	const struct row_cursor *row = &place->row;

	buf_printf(sql,
	    " AND hour %s= %" PRId64 " AND (at_ms %s %" PRId64
	    " OR (at_ms = %" PRId64 " AND (report %s ",
	    beyond, row->at_ms / HOUR_MS, beyond, row->at_ms, row->at_ms,
	    beyond);
	print_report(row, sql);
	buf_append_text(sql, " OR (report = ");
	print_report(row, sql);
	buf_printf(sql, " AND n %s %" PRIu32 "))))", beyond, row->n);
}

/* The reports that were under way when the cursor's began, and come before it
 * in time: oldest first they and its own were shown, newest first they follow.
 * A report and its rows are on one server. */
static void print_under_way(const struct place *place, struct buf *sql)
{
	const struct row_cursor *from = &place->report;

	buf_printf(sql,
	    "(SELECT report FROM @D.report_local WHERE day >= toDate(%u)"
	    " AND day <= toDate(%u) AND first_ms <= %" PRId64
	    " AND last_ms >= %" PRId64 " AND (first_ms < %" PRId64
	    " OR report %s ",
	    filter_day(from->at_ms - STORE_SPAN_MAX_MS),
	    filter_day(from->at_ms), from->at_ms, from->at_ms, from->at_ms,
	    place->newest_first ? "<" : "<=");
	print_report(from, sql);
	buf_append_text(sql, "))");
}

/* The rest of the cursor's own report. */
static void print_rest(const struct place *place, struct buf *sql)
{
	const struct row_cursor *from = &place->report;

	if (from->n == ROW_CURSOR_ALL)
		return;
	buf_append_text(sql, " OR (report = ");
	print_report(from, sql);
	if (place->has_row_time) {
		buf_append_text(sql, " AND ");
		print_behind(place->newest_first ? "<" : ">",
		    place->report_row_ms, from->n, sql);
	}
	buf_append_text(sql, ")");
}

static void print_reports(const struct place *place, struct buf *sql)
{
	int64_t at_ms = place->report.at_ms;

	if (place->newest_first)
		buf_printf(sql,
		    " AND hour <= %" PRId64 " AND (at_ms < %" PRId64
		    " OR report IN ",
		    (at_ms + STORE_SPAN_MAX_MS) / HOUR_MS, at_ms);
	else
		buf_printf(sql,
		    " AND hour >= %" PRId64 " AND at_ms >= %" PRId64
		    " AND (report NOT IN ",
		    at_ms / HOUR_MS, at_ms);
	print_under_way(place, sql);
	print_rest(place, sql);
	buf_append_text(sql, ")");
}

void place_print(const struct place *place, struct buf *sql)
{
	if (place->has_row)
		print_row(place, sql);
	if (place->has_report)
		print_reports(place, sql);
}

void place_print_row_time(const struct place *place, struct buf *sql)
{
	const struct row_cursor *from = &place->report;

	buf_printf(sql,
	    "SELECT at_ms FROM @D.measurement WHERE hour >= %" PRId64
	    " AND hour <= %" PRId64 " AND n = %" PRIu32 " AND report = ",
	    from->at_ms / HOUR_MS, (from->at_ms + STORE_SPAN_MAX_MS) / HOUR_MS,
	    from->n);
	print_report(from, sql);
	buf_append_text(sql, " LIMIT 1");
}
