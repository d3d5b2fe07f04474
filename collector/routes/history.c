/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/history.h"

#include <errno.h>
#include <stdio.h>

#include "collector/api/route.h"
#include "collector/routes/published.h"
#include "collector/routes/refusal.h"
#include "collector/routes/scope.h"
#include "collector/routes/stamp.h"
#include "collector/store/store_past.h"
#include "collector/threads/server.h"
#include "collector/view/view_past.h"
#include "lib/base/day.h"
#include "lib/base/rfc3339.h"
#include "lib/report/words.h"

#define NETWORK_DAYS      90  /* without a window */
#define NETWORK_DAYS_MOST 800 /* in one answer */

/* Days since 1970, `until` excluded. */
struct window {
	int32_t since, until;
};

static int32_t today_of(const struct view *view)
{
	return (int32_t)(view->generated_ms / DAY_MS);
}

static struct window last_days(const struct view *view, int64_t days)
{
	int32_t until = today_of(view) + 1;

	return (struct window){until - (int32_t)days, until};
}

static void write_window(const struct window *window, struct json_writer *json)
{
	json_time(json, "since", window->since * DAY_MS);
	json_time(json, "until", window->until * DAY_MS);
}

static void write_date(struct json_writer *json, int32_t day)
{
	char text[RFC3339_SIZE];

	rfc3339_format(day * DAY_MS, text);
	text[10] = '\0';
	json_text(json, "day", text);
}

/* --- several networks, a character a day --- */

static char state_letter(struct view_day day)
{
	static const char letters[STATE_COUNT] = {
	    [STATE_OPEN] = 'o',
	    [STATE_FILTERED] = 'f',
	    [STATE_PARTIAL] = 'p',
	    [STATE_INTERCEPTED] = 'i',
	    [STATE_INCONSISTENT] = 'c',
	    [STATE_INSUFFICIENT] = 'n',
	};

	return day.is_known ? letters[day.state] : '-';
}

static char level_letter(struct view_day day)
{
	return day.is_known ? (char)('0' + day.level) : '0';
}

static void write_letters(const struct view *view, size_t network,
    const struct window *window, char (*letter)(struct view_day),
    struct json_writer *json)
{
	char letters[VIEW_DAYS + 1];
	int32_t day;

	for (day = window->since; day < window->until; day++)
		letters[day - window->since] = letter(
		    view_past_day(view, network, day));
	letters[window->until - window->since] = '\0';
	json_text(json, NULL, letters);
}

/* A network that was not measured of late is an empty list. */
static void write_key(const struct view *view, const struct query_key *key,
    const struct window *window, struct json_writer *json)
{
	size_t at = view_find(view, key->asn, key->family, key->port);
	const struct view_network *network = &view->networks[at];
	char name[32];

	snprintf(
	    name, sizeof(name), "%u.%u.%u", key->asn, key->family, key->port);
	json_open_array(json, name);
	if (at < view->count && network->asn == key->asn &&
	    network->family == key->family && network->port == key->port) {
		write_letters(view, at, window, state_letter, json);
		write_letters(view, at, window, level_letter, json);
	}
	json_close_array(json);
}

static void reply_history(
    const struct view *view, const struct query *query, struct reply *reply)
{
	const struct window window = last_days(view, query->days);
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	size_t i;

	json_open_object(&json, NULL);
	write_window(&window, &json);
	json_open_object(&json, "history");
	for (i = 0; i < query->nkeys; i++)
		write_key(view, &query->keys[i], &window, &json);
	json_close_object(&json);
	stamp_view(view, &json, reply);
}

void route_history(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct query query;

	route_query(request, &query);
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	reply_history(held->published, &query, reply);
	census_drop(server->census, held);
}

/* --- the networks of one AS --- */

static void write_share(
    double low, double mid, double high, struct json_writer *json)
{
	json_open_object(json, "blocked_share");
	json_decimal(json, "low", low, 3);
	json_decimal(json, "mid", mid, 3);
	json_decimal(json, "high", high, 3);
	json_close_object(json);
}

static int write_day(void *arg, const struct history_day *day)
{
	struct json_writer *json = arg;

	json_open_object(json, NULL);
	write_date(json, day->day);
	json_integer(json, "family", day->family);
	json_integer(json, "port", day->port);
	json_text(json, "state", network_state_word(day->state));
	json_text_or_null(json, "level", network_level_word(day->level));
	json_text_or_null(json, "mechanism", mechanism_word(day->mechanism));
	json_integer(json, "vantage_points", day->vantage_points);
	write_share(
	    day->blocked_low, day->blocked_mid, day->blocked_high, json);
	json_close_object(json);
	return 0;
}

static void write_today(const struct view *view,
    const struct history_filter *filter, struct json_writer *json)
{
	size_t i = view_find(view, filter->asn, 0, 0);

	for (; i < view->count && view->networks[i].asn == filter->asn; i++) {
		const struct view_network *network = &view->networks[i];
		const struct history_day day = {
		    .day = today_of(view),
		    .asn = network->asn,
		    .family = network->family,
		    .port = network->port,
		    .state = (enum network_state)network->state,
		    .level = (enum network_level)network->level,
		    .mechanism = (enum mechanism)network->mechanism,
		    .vantage_points = network_lines(
			(enum network_state)network->state,
			network->vantage_points, network->unsteady),
		    .blocked_low = network->blocked_low,
		    .blocked_mid = network->blocked_mid,
		    .blocked_high = network->blocked_high,
		};

		if ((filter->family == 0 || filter->family == day.family) &&
		    (filter->port == 0 || filter->port == day.port))
			write_day(json, &day);
	}
}

/* From the day of `since` on, up to the day before that of `until`, or that
 * day, if `until` is within it. */
static bool read_window(const struct view *view, const struct query *query,
    struct window *window, struct reply *reply)
{
	*window = last_days(view, NETWORK_DAYS);
	if ((query->given & QUERY_UNTIL) != 0) {
		int64_t day = (query->until_ms + DAY_MS - 1) / DAY_MS;

		if (day < window->until)
			window->until = (int32_t)day;
		window->since = window->until - NETWORK_DAYS;
	}
	if ((query->given & QUERY_SINCE) != 0)
		window->since = (int32_t)(query->since_ms / DAY_MS);
	if (window->until - window->since <= NETWORK_DAYS_MOST)
		return true;
	reply_error(reply, 400, "since",
	    "more than 800 days before the end; ask for fewer at a time");
	return false;
}

static int write_days(struct server *server, const struct view *view,
    const struct history_filter *filter, struct json_writer *json,
    struct err *err)
{
	int error;

	json_open_array(json, "items");
	error = store_history(server->reader, filter, write_day, json, err);
	if (error == 0 && filter->until_day > today_of(view) &&
	    filter->since_day <= today_of(view))
		write_today(view, filter, json);
	json_close_array(json);
	return error;
}

static void reply_network(struct server *server, const struct view *view,
    const struct query *query, struct reply *reply)
{
	struct history_filter filter = {.asn = query->asns[0]};
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct err err = {""};
	struct window window;

	if (!read_window(view, query, &window, reply))
		return;
	filter.since_day = window.since;
	filter.until_day = window.until;
	if (query->families == 1u << 4 || query->families == 1u << 6)
		filter.family = query->families == 1u << 4 ? 4 : 6;
	if (query->nports > 0)
		filter.port = query->ports[0];
	json_open_object(&json, NULL);
	json_integer(&json, "asn", filter.asn);
	if (write_days(server, view, &filter, &json, &err) < 0) {
		buf_free(&body);
		refusal_store(reply, "a history", &err);
		return;
	}
	json_null(&json, "next");
	write_window(&window, &json);
	stamp_view(view, &json, reply);
}

void route_network_history(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct query query;

	route_query(request, &query);
	if (query.nports > 1) {
		reply_error(reply, 400, "port", "one port, or all of them");
		return;
	}
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	reply_network(server, held->published, &query, reply);
	census_drop(server->census, held);
}

/* --- the networks of one country --- */

static void write_country(const struct view *view, const struct query *query,
    const struct scope *scope, struct json_writer *json)
{
	const struct window window = last_days(view, query->days);
	const struct view_states of = {scope->family, scope->port};
	int64_t networks[STATE_COUNT];
	int32_t day;

	json_open_array(json, "items");
	for (day = window.since; day < window.until; day++) {
		if (!view_past_count(
			view, &of, query->countries[0], day, networks))
			continue;
		json_open_object(json, NULL);
		write_date(json, day);
		scope_write_states(json, "states", networks);
		json_close_object(json);
	}
	json_close_array(json);
	json_null(json, "next");
	write_window(&window, json);
}

void route_country_history(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct query query;
	struct scope scope;

	route_query(request, &query);
	if (!scope_read(&query, &scope, reply))
		return;
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	json_open_object(&json, NULL);
	json_text(&json, "country", query.countries[0]);
	scope_write(&scope, &json);
	write_country(held->published, &query, &scope, &json);
	stamp_view(held->published, &json, reply);
	census_drop(server->census, held);
}
