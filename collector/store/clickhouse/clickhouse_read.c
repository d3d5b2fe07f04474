/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_place.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

/*
 * A page is found in two steps, since an order by time over all days would sort
 * all that matches: first how many rows each hour has, then the rows of the
 * hours by which the page is full. Hours are counted in spans that grow, since
 * most pages are full after the first one, and nobody needs to read all rows to
 * know the newest.
 */

struct hour_count {
	int64_t hour;
	uint64_t count;
};

/* Hours, both included. */
struct span {
	int64_t from, to;
};

/* A page that is being listed. */
struct listing {
	struct clickhouse *handle;
	const struct row_filter *filter;
	struct store_page *page;
	measurement_visit *visit;
	void *arg;
	struct err *err;
	struct place place; /* where the page goes on */
	size_t visited;
	bool is_full;
	uint64_t taken; /* rows of an answer, copies among them */
	char last_agent[ROW_AGENT_SIZE]; /* of its last row; "": none yet */
	struct span span;
	struct hour_count *hours; /* of the span, in the list's order; owned */
	size_t nhours;
};

/* Ask what the statement says, on behalf of the public; it is freed. */
static int ask(const struct listing *listing, struct buf *sql,
    clickhouse_row *take, void *arg)
{
	const struct clickhouse_select select = {
	    .sql = sql->data, .row = take, .arg = arg, .for_public = true};
	int error = sql->failed ? err_system(listing->err, -ENOMEM, "rows")
				: clickhouse_select(
				      listing->handle, &select, listing->err);

	buf_free(sql);
	return error;
}

/* --- cursors --- */

static int take_time(void *arg, struct wire *wire)
{
	struct place *place = arg;
	int64_t at_ms = wire_take_signed(wire, 8);

	if (wire->ran_out)
		return 0;
	place->report_row_ms = at_ms;
	place->has_row_time = true;
	return 0;
}

static int find_row_time(struct listing *listing)
{
	struct buf sql = {0};

	place_print_row_time(&listing->place, &sql);
	return ask(listing, &sql, take_time, &listing->place);
}

static int read_cursor(struct listing *listing)
{
	const char *cursor = listing->page->cursor;
	struct place *place = &listing->place;

	place->newest_first = listing->page->newest_first;
	if (cursor[0] == '\0')
		return 0;
	if (!place_read(place, cursor))
		return err_input(
		    listing->err, "\"%.60s\" is no cursor of ours", cursor);
	return place->has_report && place->report.n != ROW_CURSOR_ALL
		   ? find_row_time(listing)
		   : 0;
}

/* --- conditions --- */

static void print_where(const struct listing *listing, struct buf *sql)
{
	buf_append_text(sql, " WHERE listed = 1");
	filter_print(sql, listing->filter);
	place_print(&listing->place, sql);
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
		return err_system(listing->err, -ENOMEM, "rows");
	listing->hours = grown;
	grown[listing->nhours++] = read;
	return 0;
}

static void print_hours(const struct span *span, struct buf *sql)
{
	if (span->from > 0)
		buf_printf(sql, " AND hour >= %" PRId64, span->from);
	if (span->to < INT64_MAX)
		buf_printf(sql, " AND hour <= %" PRId64, span->to);
}

static int find_hours(struct listing *listing)
{
	struct buf sql = {0};

	listing->nhours = 0;
	buf_append_text(&sql, "SELECT hour, count() FROM @D.measurement");
	print_where(listing, &sql);
	print_hours(&listing->span, &sql);
	buf_printf(&sql, " GROUP BY hour ORDER BY hour%s",
	    listing->page->newest_first ? " DESC" : "");
	return ask(listing, &sql, take_hour, listing);
}

/* --- rows --- */

static void stand_at(struct listing *listing, int64_t at_ms,
    const uint8_t report[ROW_UUID_BYTES], uint32_t n)
{
	struct row_cursor row = {.at_ms = at_ms, .n = n};

	memcpy(row.report, report, ROW_UUID_BYTES);
	place_set(&listing->place, &row);
}

/* Is this a copy of the answer's last row? */
static bool is_copy(const struct listing *listing,
    const struct measurement *row, const struct rows_origin *origin)
{
	const struct row_cursor *last = &listing->place.row;

	return listing->place.has_row && origin->n == last->n &&
	       memcmp(origin->report, last->report, ROW_UUID_BYTES) == 0 &&
	       strcmp(row->agent, listing->last_agent) == 0;
}

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
	listing->taken++;
	if (is_copy(listing, &row, &origin))
		return 0;
	if (listing->visited == listing->page->limit) {
		listing->is_full = true;
		return 0;
	}
	listing->visited++;
	stand_at(listing, row.at_ms, origin.report, origin.n);
	memcpy(listing->last_agent, row.agent, sizeof(listing->last_agent));
	return listing->visit(listing->arg, &row);
}

static struct span span_of(const struct hour_count *hours, size_t count)
{
	int64_t first = hours[0].hour, last = hours[count - 1].hour;

	return (struct span){
	    .from = first < last ? first : last,
	    .to = first < last ? last : first,
	};
}

/* Visit the next rows of these hours, `most` with their copies. They are told
 * apart here: an old server limits a shard's rows before it leaves out copies,
 * and then what was cut off looks like the end. */
static int visit_some(
    struct listing *listing, const struct span *span, uint64_t most)
{
	const char *order = listing->page->newest_first ? " DESC" : "";
	struct buf sql = {0};

	listing->taken = 0;
	listing->last_agent[0] = '\0';
	buf_append_text(
	    &sql, "SELECT " ROWS_MEASUREMENT " FROM @D.measurement");
	print_where(listing, &sql);
	buf_append_text(&sql, " AND" FILTER_NOT_REVOKED " AND" FILTER_COUNTS);
	print_hours(span, &sql);
	buf_printf(&sql, " ORDER BY at_ms%s, report%s, n%s, agent, copy", order,
	    order, order);
	if (most <= INT64_MAX)
		buf_printf(&sql, " LIMIT %" PRIu64, most);
	return ask(listing, &sql, take_row, listing);
}

static bool is_late(const struct listing *listing)
{
	return listing->page->until_us != 0 &&
	       clock_mono_us() >= listing->page->until_us;
}

/* Visit the rows of these hours, until one more has no room on the page. */
static int visit_hours(
    struct listing *listing, const struct hour_count *hours, size_t count)
{
	const struct span span = span_of(hours, count);
	uint64_t most;
	int error;

	for (;;) {
		most = listing->page->limit - listing->visited;
		most = most < INT64_MAX ? most + 1 : UINT64_MAX;
		error = visit_some(listing, &span, most);
		if (error != 0 || listing->is_full || listing->taken < most)
			return error;
		if (is_late(listing)) {
			listing->is_full = true;
			return 0;
		}
	}
}

/* Behind all rows of that hour. */
static void stand_behind(struct listing *listing, int64_t hour)
{
	bool newest_first = listing->page->newest_first;
	uint8_t report[ROW_UUID_BYTES];

	memset(report, newest_first ? 0 : 0xff, sizeof(report));
	stand_at(listing,
	    newest_first ? hour * HOUR_MS : (hour + 1) * HOUR_MS - 1, report,
	    newest_first ? 0 : UINT32_MAX);
}

/* Copies of rows, and those of revoked agents, are counted in an hour, but not
 * visited: the next hours fill what is missing. To tell them costs four times
 * what it takes to count. */
static int visit_span(struct listing *listing)
{
	size_t at = 0, end;
	int error = find_hours(listing);

	while (error == 0 && !listing->is_full && at < listing->nhours) {
		uint64_t wanted = listing->page->limit - listing->visited;
		uint64_t found = 0;

		if (at > 0 && is_late(listing)) {
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

/* --- spans --- */

/* The hour where the list goes on; INT64_MAX: not known. */
static int64_t first_hour(const struct listing *listing)
{
	const struct row_filter *filter = listing->filter;
	const struct place *place = &listing->place;

	if (place->has_row)
		return place->row.at_ms / HOUR_MS;
	if (place->has_report)
		return place->report.at_ms / HOUR_MS;
	if (!listing->page->newest_first)
		return filter->since_ms > 0 ? filter->since_ms / HOUR_MS
					    : INT64_MAX;
	return (filter->until_ms > 0 ? filter->until_ms : clock_wall_ms()) /
	       HOUR_MS;
}

/* Is there nothing of what is asked for behind this hour? */
static bool is_last(const struct listing *listing, int64_t hour)
{
	const struct row_filter *filter = listing->filter;

	if (listing->page->newest_first)
		return hour <= filter->since_ms / HOUR_MS;
	return filter->until_ms > 0 && hour >= filter->until_ms / HOUR_MS;
}

/* The next span of so many hours more, or of all that are left. */
#define ALL_HOURS INT64_C(100000000)
static void step_on(struct listing *listing, int64_t *hour, int64_t hours)
{
	struct span *span = &listing->span;
	bool is_all = hours == ALL_HOURS;

	if (listing->page->newest_first) {
		span->to = span->from == INT64_MIN ? INT64_MAX : span->from - 1;
		*hour -= is_all ? 0 : hours;
		span->from = is_all ? INT64_MIN : *hour;
	} else {
		span->from = span->to == INT64_MAX ? INT64_MIN : span->to + 1;
		*hour += is_all ? 0 : hours;
		span->to = is_all ? INT64_MAX : *hour;
	}
}

static int visit_all(struct listing *listing)
{
	static const int64_t hours[] = {0, 24, 1000, ALL_HOURS};
	int64_t hour = first_hour(listing);
	size_t i = hour == INT64_MAX ? 3 : 0; /* else from there */
	int error = 0;

	if (hour < 0)
		hour = 0;
	listing->span = (struct span){INT64_MIN, INT64_MAX};
	for (; error == 0 && !listing->is_full; i++) {
		step_on(listing, &hour, hours[i]);
		error = visit_span(listing);
		if (hours[i] == ALL_HOURS || is_last(listing, hour))
			break;
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
		error = visit_all(&listing);
	page->cursor[0] = '\0';
	if (error == 0 && listing.is_full)
		place_write(&listing.place, page->cursor);
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

	buf_append_text(&sql, "SELECT max(own), min(first_ms), max(last_ms)"
			      " FROM @D.report WHERE report = ");
	filter_print_bytes(&sql, uuid, ROW_UUID_BYTES);
	buf_append_text(&sql, " GROUP BY report");
	return ask(listing, &sql, take_span, span);
}

static int visit_report(struct listing *listing,
    const uint8_t uuid[ROW_UUID_BYTES], const struct report_span *span)
{
	struct buf sql = {0};

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
	return ask(listing, &sql, take_row, listing);
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
