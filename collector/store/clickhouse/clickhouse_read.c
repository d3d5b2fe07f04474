/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "lib/base/array.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/values.h"

/*
 * A page is found in two steps, since an order by time over all days would sort
 * all that matches: first how many rows each hour has, then the rows of the
 * hours by which the page is full.
 */

/* A position in the list: just behind this row. */
struct position {
	int64_t at_ms;
	uint8_t report[ROW_UUID_BYTES];
	uint32_t n;
};

struct hour_count {
	int64_t hour;
	uint64_t count;
};

/* A page that is being listed. */
struct listing {
	struct clickhouse *handle;
	const struct row_filter *filter;
	struct store_page *page;
	measurement_visit *visit;
	void *arg;
	struct err *err;
	struct position last; /* where the page goes on */
	bool has_last;        /* else at its start */
	size_t visited;
	bool is_full;
	struct hour_count *hours; /* in the list's order; owned */
	size_t nhours;
};

/* --- cursors: "at.report.n" --- */

/* Read a UUID's digits and the point behind them. */
static bool read_report(const char **at, uint8_t report[ROW_UUID_BYTES])
{
	char digits[2 * ROW_UUID_BYTES + 1];

	if (strlen(*at) < sizeof(digits) || (*at)[sizeof(digits) - 1] != '.')
		return false;
	memcpy(digits, *at, sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	*at += sizeof(digits);
	return hex_decode(digits, report, ROW_UUID_BYTES);
}

static int read_cursor(struct listing *listing)
{
	const char *at = listing->page->cursor;
	int64_t n;

	if (at[0] == '\0')
		return 0;
	if (!values_read_number(
		&at, '.', INT64_MIN, INT64_MAX, &listing->last.at_ms) ||
	    !read_report(&at, listing->last.report) ||
	    !values_read_number(&at, '\0', 0, UINT32_MAX, &n))
		return err_input(listing->err, "\"%.60s\" is no cursor of ours",
		    listing->page->cursor);
	listing->last.n = (uint32_t)n;
	listing->has_last = true;
	return 0;
}

static void write_cursor(const struct listing *listing)
{
	char report[2 * ROW_UUID_BYTES + 1];

	hex_encode(listing->last.report, ROW_UUID_BYTES, report);
	snprintf(listing->page->cursor, ROW_CURSOR_SIZE,
	    "%" PRId64 ".%s.%" PRIu32, listing->last.at_ms, report,
	    listing->last.n);
}

/* --- conditions --- */

static void print_where(const struct listing *listing, struct buf *sql)
{
	const char *beyond = listing->page->newest_first ? "<" : ">";

	buf_append_text(sql,
	    " WHERE listed = 1 AND" FILTER_NOT_REVOKED " AND" FILTER_COUNTS);
	filter_print(sql, listing->filter);
	if (!listing->has_last)
		return;
	buf_printf(sql,
	    " AND hour %s= %" PRId64 " AND (at_ms %s %" PRId64
	    " OR (at_ms = %" PRId64 " AND (report %s ",
	    beyond, listing->last.at_ms / HOUR_MS, beyond, listing->last.at_ms,
	    listing->last.at_ms, beyond);
	filter_print_bytes(
	    sql, listing->last.report, sizeof(listing->last.report));
	buf_append_text(sql, " OR (report = ");
	filter_print_bytes(
	    sql, listing->last.report, sizeof(listing->last.report));
	buf_printf(sql, " AND n %s %" PRIu32 "))))", beyond, listing->last.n);
}

/* --- hours --- */

static int take_hour(void *arg, struct wire *wire)
{
	struct listing *listing = arg;
	struct hour_count read, *grown;

	read.hour = (int64_t)wire_take(wire, 4);
	read.count = wire_take(wire, 8);
	if (wire->ran_out)
		return 0;
	grown = array_grow(listing->hours, listing->nhours, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	listing->hours = grown;
	grown[listing->nhours++] = read;
	return 0;
}

static int find_hours(struct listing *listing)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_hour, .arg = listing, .for_public = true};
	int error;

	buf_append_text(&sql, "SELECT hour, count() FROM @D.measurement");
	print_where(listing, &sql);
	buf_printf(&sql, " GROUP BY hour ORDER BY hour%s",
	    listing->page->newest_first ? " DESC" : "");
	select.sql = sql.data;
	error = sql.failed
		    ? -ENOMEM
		    : clickhouse_select(listing->handle, &select, listing->err);
	buf_free(&sql);
	return error == -ENOMEM ? err_system(listing->err, error, "rows")
				: error;
}

/* --- rows --- */

static int take_row(void *arg, struct wire *wire)
{
	struct listing *listing = arg;
	struct rows_origin origin;
	struct measurement row;
	bool is_right = rows_take_measurement(wire, &row, &origin);

	if (wire->ran_out)
		return 0;
	if (!is_right)
		return err_system(listing->err, -EBADMSG, "a row");
	if (listing->visited == listing->page->limit) {
		listing->is_full = true;
		return 0;
	}
	listing->visited++;
	listing->last.at_ms = row.at_ms;
	memcpy(listing->last.report, origin.report, ROW_UUID_BYTES);
	listing->last.n = origin.n;
	listing->has_last = true;
	return listing->visit(listing->arg, &row);
}

/* Visit the rows of these hours, up to one more than the page has room for. */
static int visit_hours(
    struct listing *listing, const struct hour_count *hours, size_t count)
{
	const char *order = listing->page->newest_first ? " DESC" : "";
	int64_t from = hours[0].hour, to = hours[count - 1].hour;
	uint64_t most = listing->page->limit - listing->visited;
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_row, .arg = listing, .for_public = true};
	int error;

	buf_append_text(
	    &sql, "SELECT " ROWS_MEASUREMENT " FROM @D.measurement");
	print_where(listing, &sql);
	buf_printf(&sql,
	    " AND hour >= %" PRId64 " AND hour <= %" PRId64
	    " ORDER BY at_ms%s, report%s, n%s, agent, copy"
	    " LIMIT 1 BY report, n, agent",
	    from < to ? from : to, from < to ? to : from, order, order, order);
	if (most < INT64_MAX)
		buf_printf(&sql, " LIMIT %" PRIu64, most + 1);
	select.sql = sql.data;
	error = sql.failed
		    ? err_system(listing->err, -ENOMEM, "rows")
		    : clickhouse_select(listing->handle, &select, listing->err);
	buf_free(&sql);
	return error;
}

/* Behind all rows of that hour. */
static void stand_behind(struct listing *listing, int64_t hour)
{
	bool newest_first = listing->page->newest_first;

	listing->last.at_ms = newest_first ? hour * HOUR_MS
					   : (hour + 1) * HOUR_MS - 1;
	memset(listing->last.report, newest_first ? 0 : 0xff, ROW_UUID_BYTES);
	listing->last.n = newest_first ? 0 : UINT32_MAX;
	listing->has_last = true;
}

/* Copies of rows are counted in an hour, but not visited: the next hours fill
 * what is missing. */
static int visit_all(struct listing *listing)
{
	size_t at = 0, end;
	int error = 0;

	while (error == 0 && !listing->is_full && at < listing->nhours) {
		uint64_t wanted = listing->page->limit - listing->visited;
		uint64_t found = 0;

		if (at > 0 && listing->page->until_us != 0 &&
		    clock_mono_us() >= listing->page->until_us) {
			listing->is_full = true;
			break;
		}
		for (end = at; end < listing->nhours && found <= wanted; end++)
			found += listing->hours[end].count;
		error = visit_hours(listing, &listing->hours[at], end - at);
		if (error == 0 && !listing->is_full)
			stand_behind(listing, listing->hours[end - 1].hour);
		at = end;
	}
	return error;
}

int clickhouse_measurements(struct store *store,
    const struct row_filter *filter, struct store_page *page,
    measurement_visit *visit, void *arg, struct err *err)
{
	struct listing listing = {
	    .handle = clickhouse_of(store),
	    .filter = filter,
	    .page = page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	int error = read_cursor(&listing);

	if (error == 0)
		error = find_hours(&listing);
	if (error == 0)
		error = visit_all(&listing);
	page->cursor[0] = '\0';
	if (error == 0 && listing.is_full)
		write_cursor(&listing);
	free(listing.hours);
	return error;
}

/* --- one report --- */

struct report_span {
	bool found, own;
	int64_t first_ms, last_ms;
};

static int take_span(void *arg, struct wire *wire)
{
	struct report_span read = {.found = true}, *span = arg;

	read.own = wire_take(wire, 1) != 0;
	read.first_ms = wire_take_signed(wire, 8);
	read.last_ms = wire_take_signed(wire, 8);
	if (!wire->ran_out)
		*span = read;
	return 0;
}

/* Imports bring a report in parts, of which this may be the last. */
static int find_report(struct listing *listing,
    const uint8_t uuid[ROW_UUID_BYTES], struct report_span *span)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_span, .arg = span, .for_public = true};
	int error;

	buf_append_text(&sql, "SELECT max(own), min(first_ms), max(last_ms)"
			      " FROM @D.report WHERE report = ");
	filter_print_bytes(&sql, uuid, ROW_UUID_BYTES);
	buf_append_text(&sql, " GROUP BY report");
	select.sql = sql.data;
	error = sql.failed
		    ? err_system(listing->err, -ENOMEM, "a report")
		    : clickhouse_select(listing->handle, &select, listing->err);
	buf_free(&sql);
	return error;
}

static int visit_report(struct listing *listing,
    const uint8_t uuid[ROW_UUID_BYTES], const struct report_span *span)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_row, .arg = listing, .for_public = true};
	int error;

	buf_append_text(&sql,
	    "SELECT " ROWS_MEASUREMENT " FROM @D.measurement WHERE listed = 1"
	    " AND" FILTER_NOT_REVOKED " AND" FILTER_COUNTS " AND report = ");
	filter_print_bytes(&sql, uuid, ROW_UUID_BYTES);
	if (span->own)
		buf_printf(&sql,
		    " AND hour >= %" PRId64 " AND hour <= %" PRId64,
		    span->first_ms / HOUR_MS, span->last_ms / HOUR_MS);
	buf_append_text(&sql, " ORDER BY at_ms, n, agent, copy"
			      " LIMIT 1 BY n, agent");
	select.sql = sql.data;
	error = sql.failed
		    ? err_system(listing->err, -ENOMEM, "a report")
		    : clickhouse_select(listing->handle, &select, listing->err);
	buf_free(&sql);
	return error;
}

int clickhouse_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err)
{
	struct store_page page = {.limit = SIZE_MAX};
	struct listing listing = {
	    .handle = clickhouse_of(store),
	    .page = &page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	struct report_span span = {.found = false};
	uint8_t uuid[ROW_UUID_BYTES];
	int error = 0;

	if (row_uuid_pack(id, uuid))
		error = find_report(&listing, uuid, &span);
	if (error == 0 && !span.found) {
		err_input(err, "there is no report \"%.60s\"", id);
		return -ENOENT;
	}
	return error == 0 ? visit_report(&listing, uuid, &span) : error;
}

/* What is shown of a report beside its rows. */
struct detail {
	struct buf *out;
	bool found;
};

static int take_detail(void *arg, struct wire *wire)
{
	struct detail *detail = arg;
	const uint8_t *bytes;
	size_t length = wire_take_bytes(wire, &bytes);

	if (wire->ran_out)
		return 0;
	detail->found = true;
	if (length > 0)
		buf_append(detail->out, bytes, length);
	return detail->out->failed ? -ENOMEM : 0;
}

int clickhouse_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err)
{
	struct detail detail = {.out = out};
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_detail, .arg = &detail, .for_public = true};
	uint8_t uuid[ROW_UUID_BYTES];
	int error = 0;

	if (row_uuid_pack(id, uuid)) {
		buf_append_text(
		    &sql, "SELECT detail FROM @D.report WHERE report = ");
		filter_print_bytes(&sql, uuid, ROW_UUID_BYTES);
		buf_append_text(&sql, " ORDER BY own DESC LIMIT 1");
		select.sql = sql.data;
		error = sql.failed ? -ENOMEM
				   : clickhouse_select(
					 clickhouse_of(store), &select, err);
		buf_free(&sql);
	}
	if (error == -ENOMEM)
		return err_system(err, error, "a report");
	if (error < 0 || detail.found)
		return error;
	err_input(err, "there is no report \"%.60s\"", id);
	return -ENOENT;
}
