/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_past.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/codes.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rollup.h"
#include "lib/base/clock.h"

/* --- adding --- */

static void put_share(struct buf *rows, double share)
{
	wire_put(rows, (uint64_t)lround(share * 100), 1);
}

/* Turned round, so that of two rows the first that was written stays: by the
 * clock that is most ahead. */
static uint64_t written_now(struct clickhouse *handle)
{
	return UINT64_MAX -
	       (uint64_t)clickhouse_now(&handle->store, clock_wall_ms());
}

static void put_day(
    struct buf *rows, const struct history_day *day, uint64_t written)
{
	wire_put(rows, (uint64_t)day->day, 4);
	wire_put(rows, day->asn, 4);
	wire_put(rows, day->family, 1);
	wire_put(rows, day->port, 2);
	wire_put(rows, code_of(CODE_STATE, (int)day->state), 1);
	wire_put(rows, code_of(CODE_LEVEL, (int)day->level), 1);
	wire_put(rows, code_of(CODE_MECHANISM, (int)day->mechanism), 1);
	wire_put(rows, (uint64_t)day->vantage_points, 8);
	put_share(rows, day->blocked_low);
	put_share(rows, day->blocked_mid);
	put_share(rows, day->blocked_high);
	wire_put(rows, written, 8);
}

static void put_event(
    struct buf *rows, const struct event *event, uint64_t written)
{
	wire_put_text(rows, event->id);
	wire_put(rows, (uint64_t)event->at_ms, 8);
	wire_put(rows, event->asn, 4);
	wire_put(rows, event->family, 1);
	wire_put(rows, event->port, 2);
	wire_put(rows, code_of(CODE_STATE, (int)event->from), 1);
	wire_put(rows, code_of(CODE_STATE, (int)event->to), 1);
	wire_put(rows, code_of(CODE_LEVEL, (int)event->level), 1);
	wire_put(rows, (uint64_t)event->vantage_points, 8);
	wire_put_text(rows, event->because);
	wire_put(rows, written, 8);
}

/* The day is closed when all of it is there. */
int clickhouse_add_past(
    struct store *store, const struct store_past *past, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct buf days = {0}, events = {0};
	const struct clickhouse_insert insert_days = {
	    .into = "@D.history (day, asn, family, port, state, level,"
		    " mechanism, vantage_points, low, mid, high, written)",
	    .rows = &days};
	const struct clickhouse_insert insert_events = {
	    .into = "@D.event (id, at_ms, asn, family, port, was, became,"
		    " level, vantage_points, because, written)",
	    .rows = &events};
	uint64_t written = written_now(handle);
	size_t i;
	int error = clickhouse_probe(handle, err);

	for (i = 0; i < past->ndays; i++)
		put_day(&days, &past->days[i], written);
	for (i = 0; i < past->nevents; i++)
		put_event(&events, &past->events[i], written);
	if (error == 0)
		error = clickhouse_insert(handle, &insert_days, err);
	if (error == 0)
		error = clickhouse_insert(handle, &insert_events, err);
	if (error == 0 && past->closed_day != STORE_NO_DAY)
		error = clickhouse_meta_write(
		    handle, META_CLOSED_DAY, past->closed_day, err);
	buf_free(&days);
	buf_free(&events);
	return error;
}

int clickhouse_closed_day(struct store *store, int32_t *day, struct err *err)
{
	struct clickhouse_meta meta;
	int error = clickhouse_meta_read(clickhouse_of(store), &meta, err);

	*day = STORE_NO_DAY;
	if (error == 0 && meta.has[META_CLOSED_DAY])
		*day = (int32_t)meta.values[META_CLOSED_DAY];
	return error;
}

/* --- days --- */

struct day_listing {
	history_visit *visit;
	void *arg;
	struct err *err;
};

static int take_day(void *arg, struct wire *wire)
{
	const struct day_listing *listing = arg;
	struct history_day day;
	int state, level, mechanism;

	day.day = (int32_t)wire_take_signed(wire, 4);
	day.asn = (uint32_t)wire_take(wire, 4);
	day.family = (uint8_t)wire_take(wire, 1);
	day.port = (uint16_t)wire_take(wire, 2);
	state = code_value(CODE_STATE, (uint8_t)wire_take(wire, 1));
	level = code_value(CODE_LEVEL, (uint8_t)wire_take(wire, 1));
	mechanism = code_value(CODE_MECHANISM, (uint8_t)wire_take(wire, 1));
	day.vantage_points = wire_take_signed(wire, 8);
	day.blocked_low = (double)wire_take(wire, 1) / 100.0;
	day.blocked_mid = (double)wire_take(wire, 1) / 100.0;
	day.blocked_high = (double)wire_take(wire, 1) / 100.0;
	if (wire->ran_out)
		return 0;
	if (state < 0 || level < 0 || mechanism < 0)
		return err_system(listing->err, -EBADMSG, "a day");
	day.state = (enum network_state)state;
	day.level = (enum network_level)level;
	day.mechanism = (enum mechanism)mechanism;
	return listing->visit(listing->arg, &day);
}

static void print_network(
    struct buf *sql, uint32_t asn, uint8_t family, uint16_t port)
{
	if (asn != 0)
		buf_printf(sql, " AND asn = %u", asn);
	if (family != 0)
		buf_printf(sql, " AND family = %u", family);
	if (port != 0)
		buf_printf(sql, " AND port = %u", port);
}

static int select_past(struct store *store, struct buf *sql,
    clickhouse_row *row, void *arg, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = sql->data, .row = row, .arg = arg, .for_public = true};
	int error = sql->failed
			? err_system(err, -ENOMEM, "what was published")
			: clickhouse_select(clickhouse_of(store), &select, err);

	buf_free(sql);
	return error;
}

int clickhouse_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err)
{
	struct day_listing listing = {visit, arg, err};
	struct buf sql = {0};

	buf_printf(&sql,
	    "SELECT day, asn, family, port, state, level, mechanism,"
	    " vantage_points, low, mid, high FROM @D.history FINAL"
	    " WHERE day >= %" PRId32 " AND day < %" PRId32,
	    filter->since_day, filter->until_day);
	print_network(&sql, filter->asn, filter->family, filter->port);
	buf_append_text(&sql, " ORDER BY day, asn, family, port");
	return select_past(store, &sql, take_day, &listing, err);
}

/* --- events --- */

struct event_listing {
	struct store_page *page; /* NULL: all, and no texts */
	event_visit *visit;
	void *arg;
	struct err *err;
	struct event last;
	size_t count;
	bool is_full;
};

/* A cursor is "AT.ID" of the last event of the page before. */
static int read_cursor(const char *cursor, struct event *at, struct err *err)
{
	char *end;

	errno = 0;
	at->at_ms = strtoll(cursor, &end, 10);
	if (errno == 0 && end != cursor && *end == '.' &&
	    strlen(end + 1) == EVENT_ID_SIZE - 1 &&
	    strspn(end + 1, "0123456789abcdef") == EVENT_ID_SIZE - 1) {
		memcpy(at->id, end + 1, EVENT_ID_SIZE);
		return 0;
	}
	return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
}

static int take_event(void *arg, struct wire *wire)
{
	struct event_listing *listing = arg;
	struct event event = {{0}};
	int from, to, level;

	wire_take_text(wire, event.id, sizeof(event.id));
	event.at_ms = wire_take_signed(wire, 8);
	event.asn = (uint32_t)wire_take(wire, 4);
	event.family = (uint8_t)wire_take(wire, 1);
	event.port = (uint16_t)wire_take(wire, 2);
	from = code_value(CODE_STATE, (uint8_t)wire_take(wire, 1));
	to = code_value(CODE_STATE, (uint8_t)wire_take(wire, 1));
	level = code_value(CODE_LEVEL, (uint8_t)wire_take(wire, 1));
	event.vantage_points = wire_take_signed(wire, 8);
	wire_take_text(wire, event.because, sizeof(event.because));
	if (wire->ran_out)
		return 0;
	if (from < 0 || to < 0 || level < 0)
		return err_system(listing->err, -EBADMSG, "an event");
	event.from = (enum network_state)from;
	event.to = (enum network_state)to;
	event.level = (enum network_level)level;
	if (listing->page != NULL && listing->count == listing->page->limit) {
		listing->is_full = true;
		return 0;
	}
	listing->count++;
	listing->last = event;
	return listing->visit(listing->arg, &event);
}

static void print_events(struct buf *sql, const struct event_filter *filter,
    const struct store_page *page, const struct event *from)
{
	const char *beyond = page->newest_first ? "<" : ">";
	const char *order = page->newest_first ? " DESC" : "";

	buf_printf(sql,
	    "SELECT id, at_ms, asn, family, port, was, became, level,"
	    " vantage_points, because FROM @D.event FINAL"
	    " WHERE at_ms >= %" PRId64,
	    filter->since_ms);
	if (filter->until_ms != 0)
		buf_printf(sql, " AND at_ms < %" PRId64, filter->until_ms);
	print_network(sql, filter->asn, filter->family, filter->port);
	if (filter->to >= 0)
		buf_printf(
		    sql, " AND became = %u", code_of(CODE_STATE, filter->to));
	filter_print_country_of_asn(sql, filter->country);
	if (page->cursor[0] != '\0')
		buf_printf(sql,
		    " AND (at_ms %s %" PRId64 " OR (at_ms = %" PRId64
		    " AND id %s '%s'))",
		    beyond, from->at_ms, from->at_ms, beyond, from->id);
	buf_printf(sql, " ORDER BY at_ms%s, id%s", order, order);
	if (page->limit < INT32_MAX)
		buf_printf(sql, " LIMIT %zu", page->limit + 1);
}

int clickhouse_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err)
{
	struct event_listing listing = {
	    .page = page, .visit = visit, .arg = arg, .err = err};
	struct event from = {{0}};
	struct buf sql = {0};
	int error = 0;

	if (page->cursor[0] != '\0')
		error = read_cursor(page->cursor, &from, err);
	if (error < 0)
		return error;
	print_events(&sql, filter, page, &from);
	error = select_past(store, &sql, take_event, &listing, err);
	page->cursor[0] = '\0';
	if (error == 0 && listing.is_full)
		snprintf(page->cursor, sizeof(page->cursor), "%" PRId64 ".%s",
		    listing.last.at_ms, listing.last.id);
	return error;
}

int clickhouse_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err)
{
	struct event_listing listing = {.visit = visit, .arg = arg, .err = err};
	struct buf sql = {0};

	buf_append_text(&sql,
	    "SELECT id, at_ms, asn, family, port, was, became, level,"
	    " vantage_points, '' FROM @D.event FINAL ORDER BY asn, family,"
	    " port, at_ms DESC, id DESC LIMIT 1 BY asn, family, port");
	return select_past(store, &sql, take_event, &listing, err);
}

/* --- reviews --- */

static int take_written(void *arg, struct wire *wire)
{
	int64_t written = wire_take_signed(wire, 8);

	if (!wire->ran_out)
		*(int64_t *)arg = written;
	return 0;
}

/* Now; or after what is there, where a clock was ahead when that was decided.
 */
static int set_written(struct clickhouse *handle, const struct review *review,
    int64_t *written, struct err *err)
{
	int64_t last = 0;
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_written, .arg = &last, .is_sequential = true};
	int error;

	buf_printf(&sql,
	    "SELECT max(written) FROM @D.review"
	    " WHERE asn = %u AND family = %u AND port = %u",
	    review->asn, review->family, review->port);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "a review")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	*written = clock_wall_ms();
	if (*written <= last)
		*written = last + 1;
	return error;
}

int clickhouse_decide_review(
    struct store *store, const struct review *review, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.review (asn, family, port, at_ms, released, reason,"
		    " written)",
	    .rows = &row};
	int64_t written = 0;
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = set_written(handle, review, &written, err);
	wire_put(&row, review->asn, 4);
	wire_put(&row, review->family, 1);
	wire_put(&row, review->port, 2);
	wire_put(&row, (uint64_t)review->at_ms, 8);
	wire_put(&row, review->is_released, 1);
	wire_put_text(&row, review->reason);
	wire_put(&row, (uint64_t)written, 8);
	if (error == 0)
		error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	return error;
}

struct review_listing {
	review_visit *visit;
	void *arg;
};

static int take_review(void *arg, struct wire *wire)
{
	const struct review_listing *listing = arg;
	struct review review = {0};

	review.asn = (uint32_t)wire_take(wire, 4);
	review.family = (uint8_t)wire_take(wire, 1);
	review.port = (uint16_t)wire_take(wire, 2);
	review.at_ms = wire_take_signed(wire, 8);
	review.is_released = wire_take(wire, 1) != 0;
	wire_take_text(wire, review.reason, sizeof(review.reason));
	return wire->ran_out ? 0 : listing->visit(listing->arg, &review);
}

int clickhouse_reviews(
    struct store *store, review_visit *visit, void *arg, struct err *err)
{
	struct review_listing listing = {visit, arg};
	struct buf sql = {0};

	buf_append_text(&sql, "SELECT asn, family, port, at_ms, released,"
			      " reason FROM @D.review FINAL"
			      " ORDER BY asn, family, port");
	return select_past(store, &sql, take_review, &listing, err);
}
