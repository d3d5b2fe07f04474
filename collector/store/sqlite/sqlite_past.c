/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_past.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/codes.h"
#include "collector/store/sqlite/sqlite_network.h"

/* --- adding --- */

static int hundredths(double share)
{
	return (int)lround(share * 100);
}

static int add_day(
    struct sqlite_store *sqlite, const struct history_day *day, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_HISTORY);

	sqlite3_bind_int(statement, 1, day->day);
	sqlite3_bind_int64(statement, 2, day->asn);
	sqlite3_bind_int(statement, 3, day->family);
	sqlite3_bind_int(statement, 4, day->port);
	sqlite3_bind_int(statement, 5, code_of(CODE_STATE, (int)day->state));
	sqlite3_bind_int(statement, 6, code_of(CODE_LEVEL, (int)day->level));
	sqlite3_bind_int(
	    statement, 7, code_of(CODE_MECHANISM, (int)day->mechanism));
	sqlite3_bind_int64(statement, 8, day->vantage_points);
	sqlite3_bind_int(statement, 9, hundredths(day->blocked_low));
	sqlite3_bind_int(statement, 10, hundredths(day->blocked_mid));
	sqlite3_bind_int(statement, 11, hundredths(day->blocked_high));
	return sqlite_run(sqlite, statement, err);
}

static int add_event(
    struct sqlite_store *sqlite, const struct event *event, struct err *err)
{
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_ADD_EVENT);

	sqlite3_bind_text(statement, 1, event->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, event->at_ms);
	sqlite3_bind_int64(statement, 3, event->asn);
	sqlite3_bind_int(statement, 4, event->family);
	sqlite3_bind_int(statement, 5, event->port);
	sqlite3_bind_int(statement, 6, code_of(CODE_STATE, (int)event->from));
	sqlite3_bind_int(statement, 7, code_of(CODE_STATE, (int)event->to));
	sqlite3_bind_int(statement, 8, code_of(CODE_LEVEL, (int)event->level));
	sqlite3_bind_int64(statement, 9, event->vantage_points);
	sqlite3_bind_text(statement, 10, event->because, -1, SQLITE_STATIC);
	return sqlite_run(sqlite, statement, err);
}

int sqlite_add_past(
    struct store *store, const struct store_past *past, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	int error = sqlite_begin(sqlite, err);
	size_t i;

	if (error < 0)
		return error;
	for (i = 0; error == 0 && i < past->ndays; i++)
		error = add_day(sqlite, &past->days[i], err);
	for (i = 0; error == 0 && i < past->nevents; i++)
		error = add_event(sqlite, &past->events[i], err);
	if (error == 0 && past->closed_day != STORE_NO_DAY) {
		sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CLOSE_DAY);

		sqlite3_bind_int(statement, 1, past->closed_day);
		error = sqlite_run(sqlite, statement, err);
	}
	return sqlite_end(sqlite, error, err);
}

int sqlite_closed_day(struct store *store, int32_t *day, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_CLOSED_DAY);
	int found = sqlite_step_one(sqlite, statement, err);

	if (found < 0)
		return found;
	*day = STORE_NO_DAY;
	if (found > 0 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		*day = sqlite3_column_int(statement, 0);
	sqlite3_reset(statement);
	return 0;
}

/* --- days --- */

/* A list of days that is being made. */
struct day_listing {
	struct sqlite_store *sqlite;
	const struct history_filter *filter;
	history_visit *visit;
	void *arg;
	struct err *err;
};

static bool read_day(sqlite3_stmt *statement, struct history_day *day)
{
	int state = code_value(
	    CODE_STATE, (uint8_t)sqlite3_column_int(statement, 4));
	int level = code_value(
	    CODE_LEVEL, (uint8_t)sqlite3_column_int(statement, 5));
	int mechanism = code_value(
	    CODE_MECHANISM, (uint8_t)sqlite3_column_int(statement, 6));

	*day = (struct history_day){
	    .day = sqlite3_column_int(statement, 0),
	    .asn = (uint32_t)sqlite3_column_int64(statement, 1),
	    .family = (uint8_t)sqlite3_column_int(statement, 2),
	    .port = (uint16_t)sqlite3_column_int(statement, 3),
	    .state = (enum network_state)state,
	    .level = (enum network_level)level,
	    .mechanism = (enum mechanism)mechanism,
	    .vantage_points = sqlite3_column_int64(statement, 7),
	    .blocked_low = sqlite3_column_int(statement, 8) / 100.0,
	    .blocked_mid = sqlite3_column_int(statement, 9) / 100.0,
	    .blocked_high = sqlite3_column_int(statement, 10) / 100.0,
	};
	return state >= 0 && level >= 0 && mechanism >= 0;
}

/* Visit the days that the statement lists. */
static int visit_days(struct day_listing *listing, sqlite3_stmt *statement)
{
	const struct history_filter *filter = listing->filter;
	struct history_day day;
	int status = SQLITE_ROW, result = 0;

	while (result == 0 && statement != NULL &&
	       (status = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_day(statement, &day))
			result = sqlite_damaged(
			    listing->sqlite, -EBADMSG, listing->err);
		else if ((filter->family == 0 ||
			     filter->family == day.family) &&
			 (filter->port == 0 || filter->port == day.port))
			result = listing->visit(listing->arg, &day);
	}
	if (result == 0 && (statement == NULL || status != SQLITE_DONE))
		return sqlite_error(listing->sqlite, statement, listing->err);
	sqlite3_reset(statement);
	return result;
}

int sqlite_history(struct store *store, const struct history_filter *filter,
    history_visit *visit, void *arg, struct err *err)
{
	struct day_listing listing = {
	    sqlite_of(store), filter, visit, arg, err};
	sqlite3_stmt *statement;

	/* The table is by day first: one ASN is looked up on each day. */
	statement = sqlite_prepare(listing.sqlite,
	    filter->asn != 0 ? SQL_LIST_HISTORY_OF : SQL_LIST_HISTORY);
	sqlite3_bind_int(statement, 1, filter->since_day);
	sqlite3_bind_int(statement, 2, filter->until_day);
	if (filter->asn != 0)
		sqlite3_bind_int64(statement, 3, filter->asn);
	return visit_days(&listing, statement);
}

/* --- events --- */

/* A list of events that is being made. */
struct event_listing {
	struct sqlite_store *sqlite;
	const struct event_filter *filter;
	struct store_page *page;
	event_visit *visit;
	void *arg;
	struct err *err;
	struct event event, last; /* `last` was visited */
	size_t count;
};

/* A cursor is "AT.ID" of the last event of the page before. */
static int read_cursor(
    const char *cursor, int64_t *at_ms, char id[EVENT_ID_SIZE], struct err *err)
{
	char *end;

	errno = 0;
	*at_ms = strtoll(cursor, &end, 10);
	if (errno == 0 && end != cursor && *end == '.' &&
	    strlen(end + 1) == EVENT_ID_SIZE - 1 &&
	    strspn(end + 1, "0123456789abcdef") == EVENT_ID_SIZE - 1) {
		memcpy(id, end + 1, EVENT_ID_SIZE);
		return 0;
	}
	return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
}

static bool read_event(sqlite3_stmt *statement, struct event *event)
{
	int from = code_value(
	    CODE_STATE, (uint8_t)sqlite3_column_int(statement, 5));
	int to = code_value(
	    CODE_STATE, (uint8_t)sqlite3_column_int(statement, 6));
	int level = code_value(
	    CODE_LEVEL, (uint8_t)sqlite3_column_int(statement, 7));

	sqlite_column_text(statement, 0, event->id, sizeof(event->id));
	event->at_ms = sqlite3_column_int64(statement, 1);
	event->asn = (uint32_t)sqlite3_column_int64(statement, 2);
	event->family = (uint8_t)sqlite3_column_int(statement, 3);
	event->port = (uint16_t)sqlite3_column_int(statement, 4);
	event->from = (enum network_state)from;
	event->to = (enum network_state)to;
	event->level = (enum network_level)level;
	event->vantage_points = sqlite3_column_int64(statement, 8);
	sqlite_column_text(
	    statement, 9, event->because, sizeof(event->because));
	return from >= 0 && to >= 0 && level >= 0;
}

/* 1: the event passes the filter, 0: not, or -errno. */
static int event_matches(struct event_listing *listing)
{
	const struct event_filter *filter = listing->filter;
	const struct event *event = &listing->event;
	struct network_info network;
	int error;

	if ((filter->family != 0 && filter->family != event->family) ||
	    (filter->port != 0 && filter->port != event->port) ||
	    (filter->to >= 0 && filter->to != (int)event->to))
		return 0;
	if (filter->country[0] == '\0')
		return 1;
	error = sqlite_network(
	    &listing->sqlite->store, event->asn, &network, listing->err);
	if (error < 0)
		return error == -ENOENT ? 0 : error;
	return strcmp(network.country, filter->country) == 0;
}

static bool is_past_end(const struct event_listing *listing)
{
	const struct event_filter *filter = listing->filter;
	int64_t at_ms = listing->event.at_ms;

	return listing->page->newest_first
		   ? at_ms < filter->since_ms
		   : filter->until_ms != 0 && at_ms >= filter->until_ms;
}

/* Prepare the statement, from the cursor or the filter's times on. */
static int begin_listing(
    struct event_listing *listing, sqlite3_stmt **statement)
{
	const struct event_filter *filter = listing->filter;
	const struct store_page *page = listing->page;
	char id[EVENT_ID_SIZE] = "";
	int64_t at_ms = filter->since_ms;
	int error = 0;

	if (page->newest_first)
		at_ms = filter->until_ms != 0 ? filter->until_ms : INT64_MAX;
	if (page->cursor[0] != '\0')
		error = read_cursor(page->cursor, &at_ms, id, listing->err);
	if (error < 0)
		return error;
	*statement = sqlite_prepare(listing->sqlite,
	    page->newest_first
		? (filter->asn != 0 ? SQL_PREVIOUS_EVENTS_OF
				    : SQL_PREVIOUS_EVENTS)
		: (filter->asn != 0 ? SQL_NEXT_EVENTS_OF : SQL_NEXT_EVENTS));
	sqlite3_bind_int64(*statement, 1, at_ms);
	sqlite3_bind_text(*statement, 2, id, -1, SQLITE_TRANSIENT);
	if (filter->asn != 0)
		sqlite3_bind_int64(*statement, 3, filter->asn);
	return 0;
}

/* Visit the statement's event if it passes the filter. */
static int visit_event(struct event_listing *listing)
{
	int matches = event_matches(listing);

	if (matches <= 0)
		return matches;
	listing->last = listing->event;
	listing->count++;
	return listing->visit(listing->arg, &listing->event);
}

/* The statement's next event, 1; 0: the page ends; or -errno. */
static int next_event(struct event_listing *listing, sqlite3_stmt *statement)
{
	struct store_page *page = listing->page;
	int found = sqlite_step_one(listing->sqlite, statement, listing->err);

	if (found <= 0)
		return found;
	if (!read_event(statement, &listing->event))
		return sqlite_damaged(listing->sqlite, -EBADMSG, listing->err);
	if (is_past_end(listing))
		return 0;
	if (listing->count < page->limit)
		return 1;
	snprintf(page->cursor, sizeof(page->cursor), "%" PRId64 ".%s",
	    listing->last.at_ms, listing->last.id);
	return 0;
}

int sqlite_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, event_visit *visit, void *arg, struct err *err)
{
	struct event_listing listing = {.sqlite = sqlite_of(store),
	    .filter = filter,
	    .page = page,
	    .visit = visit,
	    .arg = arg,
	    .err = err};
	sqlite3_stmt *statement;
	int more, result = begin_listing(&listing, &statement);

	if (result < 0)
		return result;
	page->cursor[0] = '\0';
	while (result == 0 && (more = next_event(&listing, statement)) != 0)
		result = more < 0 ? more : visit_event(&listing);
	sqlite3_reset(statement);
	return result;
}

int sqlite_last_events(
    struct store *store, event_visit *visit, void *arg, struct err *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_prepare(sqlite, SQL_LAST_EVENTS);
	struct event event = {0};
	int more = 0, result = 0;

	while (result == 0 &&
	       (more = sqlite_step_one(sqlite, statement, err)) > 0) {
		event.asn = (uint32_t)sqlite3_column_int64(statement, 0);
		event.family = (uint8_t)sqlite3_column_int(statement, 1);
		event.port = (uint16_t)sqlite3_column_int(statement, 2);
		event.to = (enum network_state)code_value(
		    CODE_STATE, (uint8_t)sqlite3_column_int(statement, 3));
		event.at_ms = sqlite3_column_int64(statement, 4);
		event.from = (enum network_state)code_value(
		    CODE_STATE, (uint8_t)sqlite3_column_int(statement, 5));
		result = visit(arg, &event);
	}
	sqlite3_reset(statement);
	return result == 0 ? more : result;
}
