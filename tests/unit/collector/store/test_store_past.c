/* SPDX-License-Identifier: Apache-2.0 */

/* What was published: days of networks, events. */

#include "collector/store/store_past.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/day.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define DAY 20781 /* of STORED_NOON */

static struct history_day day_of(int32_t day, uint32_t asn, uint16_t port)
{
	return (struct history_day){
	    .day = day,
	    .asn = asn,
	    .family = 4,
	    .port = port,
	    .state = STATE_FILTERED,
	    .level = LEVEL_FAIR,
	    .mechanism = MECHANISM_DROP,
	    .vantage_points = 7,
	    .blocked_low = 29 / 50.0,
	    .blocked_mid = 45.5 / 50,
	    .blocked_high = 1,
	};
}

static struct event event_of(
    int hour, uint32_t asn, enum network_state from, enum network_state to)
{
	struct event event = {
	    .at_ms = STORED_NOON + hour * HOUR_MS,
	    .asn = asn,
	    .family = 4,
	    .port = 25,
	    .from = from,
	    .to = to,
	    .level = LEVEL_THIN,
	    .vantage_points = 3,
	    .because = "3 vantage points in 3 prefixes: 3 blocked, 0 open",
	};

	event_identify(&event);
	return event;
}

static void add(struct store *store, const struct history_day *days,
    size_t ndays, const struct event *events, size_t nevents, int32_t closed)
{
	struct store_past past = {days, ndays, events, nevents, closed};
	struct err err;

	if (store_add_past(store, &past, &err) < 0)
		fail_msg("%s", err.text);
}

/* What was listed, as text. */
struct seen {
	char text[2000];
	struct history_day day;
	struct event event;
};

static int see_day(void *arg, const struct history_day *day)
{
	struct seen *seen = arg;
	size_t length = strlen(seen->text);

	snprintf(seen->text + length, sizeof(seen->text) - length, "%d/%u.%u ",
	    day->day - DAY, day->asn, day->port);
	seen->day = *day;
	return 0;
}

static int see_event(void *arg, const struct event *event)
{
	struct seen *seen = arg;
	size_t length = strlen(seen->text);

	snprintf(seen->text + length, sizeof(seen->text) - length, "%u>%s ",
	    event->asn, network_state_word(event->to));
	seen->event = *event;
	return 0;
}

static void list_days(
    struct store *store, const struct history_filter *filter, struct seen *seen)
{
	struct err err;

	memset(seen, 0, sizeof(*seen));
	if (store_history(store, filter, see_day, seen, &err) < 0)
		fail_msg("%s", err.text);
}

static void list_events(struct store *store, const struct event_filter *filter,
    struct store_page *page, struct seen *seen)
{
	struct err err;

	memset(seen, 0, sizeof(*seen));
	if (store_events(store, filter, page, see_event, seen, &err) < 0)
		fail_msg("%s", err.text);
}

/* --- days --- */

static const struct days_row {
	const char *name;
	struct history_filter filter;
	const char *seen;
} days_rows[] = {
    {"all networks, by day and key", {.since_day = DAY, .until_day = DAY + 9},
	"0/1.25 0/1.587 0/2.25 1/1.25 1/2.25 2/2.25 "},
    {"days of one ASN", {.asn = 1, .since_day = DAY, .until_day = DAY + 9},
	"0/1.25 0/1.587 1/1.25 "},
    {"days of one network",
	{.asn = 1,
	    .family = 4,
	    .port = 587,
	    .since_day = DAY,
	    .until_day = DAY + 9},
	"0/1.587 "},
    {"the last day is excluded", {.since_day = DAY + 1, .until_day = DAY + 2},
	"1/1.25 1/2.25 "},
    {"of one ASN too", {.asn = 2, .since_day = DAY, .until_day = DAY + 1},
	"0/2.25 "},
    {"all days that there are of one ASN", {.asn = 1, .until_day = INT32_MAX},
	"0/1.25 0/1.587 1/1.25 "},
    {"of an ASN that is unknown", {.asn = 9, .until_day = INT32_MAX}, ""},
    {"none before the first day", {.asn = 1, .until_day = DAY}, ""},
    {"nor after the last",
	{.asn = 1, .since_day = DAY + 9, .until_day = INT32_MAX}, ""},
    {"another family has none",
	{.family = 6, .since_day = DAY, .until_day = DAY + 9}, ""},
};

static void days(void **state)
{
	const struct days_row *row = *state;
	const struct history_day all[] = {
	    day_of(DAY + 1, 2, 25),
	    day_of(DAY, 2, 25),
	    day_of(DAY, 1, 587),
	    day_of(DAY, 1, 25),
	    day_of(DAY + 2, 2, 25),
	    day_of(DAY + 1, 1, 25),
	};
	struct store *store;
	struct seen seen;

	assert_int_equal(stored_set_up(state), 0);
	store = stored_open(false);
	add(store, all, 6, NULL, 0, STORE_NO_DAY);
	list_days(store, &row->filter, &seen);
	assert_string_equal(seen.text, row->seen);
	store_close(store);
	stored_tear_down(state);
}

static void as_it_was(void **state)
{
	const struct history_filter filter = {
	    .asn = 1, .since_day = DAY, .until_day = DAY + 1};
	struct history_day day = day_of(DAY, 1, 25), other = day;
	struct store *store = stored_open(false);
	struct seen seen;

	(void)state;
	other.state = STATE_OPEN;
	other.mechanism = MECHANISM_COUNT;
	add(store, &day, 1, NULL, 0, STORE_NO_DAY);
	add(store, &other, 1, NULL, 0, STORE_NO_DAY);
	list_days(store, &filter, &seen);
	assert_int_equal(seen.day.state, day.state);
	assert_int_equal(seen.day.level, day.level);
	assert_int_equal(seen.day.mechanism, day.mechanism);
	assert_int_equal(seen.day.vantage_points, day.vantage_points);
	assert_true(seen.day.blocked_low == day.blocked_low);
	assert_true(seen.day.blocked_mid == day.blocked_mid);
	assert_true(seen.day.blocked_high == day.blocked_high);
	store_close(store);
}

static void closed(void **state)
{
	struct store *store = stored_open(false);
	struct err err;
	int32_t day;

	(void)state;
	assert_int_equal(store_closed_day(store, &day, &err), 0);
	assert_int_equal(day, STORE_NO_DAY);
	add(store, NULL, 0, NULL, 0, DAY);
	add(store, NULL, 0, NULL, 0, DAY - 1);
	add(store, NULL, 0, NULL, 0, STORE_NO_DAY);
	assert_int_equal(store_closed_day(store, &day, &err), 0);
	assert_int_equal(day, DAY);
	store_close(store);
}

/* --- events --- */

static void ids(void **state)
{
	struct event one = event_of(0, 1, STATE_OPEN, STATE_FILTERED);
	struct event later = event_of(1, 1, STATE_OPEN, STATE_FILTERED);
	struct event next = event_of(24, 1, STATE_OPEN, STATE_FILTERED);
	struct event back = event_of(0, 1, STATE_FILTERED, STATE_OPEN);
	struct event other = event_of(0, 11, STATE_OPEN, STATE_FILTERED);

	(void)state;
	assert_string_equal(one.id, later.id);
	assert_string_not_equal(one.id, next.id);
	assert_string_not_equal(one.id, back.id);
	assert_string_not_equal(one.id, other.id);
	/* Every collector computes this one. */
	assert_string_equal(one.id, "320a2715fb24ba92");
}

static void event_as_it_was(void **state)
{
	struct store *store = stored_open(false);
	struct event event = event_of(0, 1, STATE_OPEN, STATE_FILTERED);
	struct event again = event_of(1, 1, STATE_OPEN, STATE_FILTERED);
	struct store_page page = {.limit = 10, .newest_first = true};
	struct event_filter filter;
	struct seen seen;

	(void)state;
	event_filter_init(&filter);
	add(store, NULL, 0, &event, 1, STORE_NO_DAY);
	add(store, NULL, 0, &again, 1, STORE_NO_DAY);
	list_events(store, &filter, &page, &seen);
	assert_string_equal(seen.text, "1>filtered ");
	assert_string_equal(seen.event.id, event.id);
	assert_int_equal(seen.event.at_ms, event.at_ms);
	assert_int_equal(seen.event.from, STATE_OPEN);
	assert_int_equal(seen.event.level, LEVEL_THIN);
	assert_int_equal(seen.event.vantage_points, 3);
	assert_string_equal(seen.event.because, event.because);
	store_close(store);
}

/* Four events, a day apart; the ASN of stored_row() is in DE. */
static void fill_events(struct store *store)
{
	struct measurement row = stored_row(1, 0, 25);
	struct event events[4] = {
	    event_of(0, row.asn, STATE_INSUFFICIENT, STATE_OPEN),
	    event_of(24, 2, STATE_INSUFFICIENT, STATE_OPEN),
	    event_of(48, row.asn, STATE_OPEN, STATE_FILTERED),
	    event_of(72, row.asn, STATE_FILTERED, STATE_OPEN),
	};
	bool duplicate;
	struct err err;

	assert_int_equal(stored_put(store, 1, &duplicate, &err), 0);
	add(store, NULL, 0, events, 4, STORE_NO_DAY);
}

static const struct event_row {
	const char *name;
	struct event_filter filter;
	bool oldest_first;
	const char *seen;
} event_rows[] = {
    {"events come newest first", {.to = -1}, false,
	"64500>open 64500>filtered 2>open 64500>open "},
    {"or oldest first", {.to = -1}, true,
	"64500>open 2>open 64500>filtered 64500>open "},
    {"events of one ASN", {.to = -1, .asn = 64500}, false,
	"64500>open 64500>filtered 64500>open "},
    {"events of one ASN, oldest first", {.to = -1, .asn = 64500}, true,
	"64500>open 64500>filtered 64500>open "},
    {"events of one country", {.to = -1, .country = "DE"}, false,
	"64500>open 64500>filtered 64500>open "},
    {"events of no country", {.to = -1, .country = "FR"}, false, ""},
    {"events of a port", {.to = -1, .port = 587}, false, ""},
    {"events of a family", {.to = -1, .family = 6}, false, ""},
    {"what became filtered", {.to = STATE_FILTERED}, false, "64500>filtered "},
    {"events of a span, the end excluded",
	{.to = -1,
	    .since_ms = STORED_NOON + 24 * HOUR_MS,
	    .until_ms = STORED_NOON + 72 * HOUR_MS},
	false, "64500>filtered 2>open "},
    {"the same, oldest first",
	{.to = -1,
	    .since_ms = STORED_NOON + 24 * HOUR_MS,
	    .until_ms = STORED_NOON + 72 * HOUR_MS},
	true, "2>open 64500>filtered "},
};

static void events(void **state)
{
	const struct event_row *row = *state;
	struct store_page page = {.newest_first = !row->oldest_first};
	struct seen seen, part;
	struct store *store;

	assert_int_equal(stored_set_up(state), 0);
	store = stored_open(false);
	fill_events(store);
	stored_keep_up(store);
	page.limit = 10;
	list_events(store, &row->filter, &page, &seen);
	assert_string_equal(seen.text, row->seen);
	assert_string_equal(page.cursor, "");
	/* One by one they are the same. */
	memset(&seen, 0, sizeof(seen));
	page.limit = 1;
	do {
		list_events(store, &row->filter, &page, &part);
		strcat(seen.text, part.text);
	} while (page.cursor[0] != '\0');
	assert_string_equal(seen.text, row->seen);
	store_close(store);
	stored_tear_down(state);
}

static void foreign_cursor(void **state)
{
	static const char *const cursors[] = {"x", "1", "1.",
	    "1.0123456789abcde", "1.0123456789abcdeX", "1.0123456789abcdef0",
	    "99999999999999999999.0123456789abcdef"};
	struct store *store = stored_open(false);
	struct event_filter filter;
	struct seen seen;
	struct err err;
	size_t i;

	(void)state;
	event_filter_init(&filter);
	for (i = 0; i < sizeof(cursors) / sizeof(*cursors); i++) {
		struct store_page page = {.limit = 10};

		snprintf(page.cursor, sizeof(page.cursor), "%s", cursors[i]);
		assert_int_equal(
		    store_events(store, &filter, &page, see_event, &seen, &err),
		    -EINVAL);
	}
	store_close(store);
}

static void last_events(void **state)
{
	struct store *store = stored_open(false);
	struct seen seen = {""};
	struct err err;

	(void)state;
	fill_events(store);
	assert_int_equal(store_last_events(store, see_event, &seen, &err), 0);
	assert_string_equal(seen.text, "2>open 64500>open ");
	store_close(store);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

/* The same rows run on both engines (tests/cluster). */
int main(int argc, char **argv)
{
	struct test_list list = {0};

	stored_on_cluster(argc, argv);
	TEST_ROWS(&list, days_rows, days);
	CASE("a day comes back as it went in, and is not written again",
	    as_it_was);
	CASE("days are closed forwards only", closed);
	CASE("an id says network, day and change", ids);
	CASE("an event comes back as it went in, and is not written again",
	    event_as_it_was);
	TEST_ROWS(&list, event_rows, events);
	CASE("a cursor that is not ours is refused", foreign_cursor);
	CASE("the last event of each network", last_events);
	return test_run("store_past", &list);
}
