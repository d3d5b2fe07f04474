/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/plan.h"

#include <stdio.h>
#include <string.h>

#include "collector/fleet/fleet.h"
#include "tests/support/rows.h"

#define NOON  INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define HOUR  (INT64_C(3600) * 1000)
#define DAY   (24 * HOUR)
#define START (NOON - 100 * DAY)

/* --- owners --- */

static const struct owner_row {
	const char *name, *host, *domain, *owner;
} owner_rows[] = {
    {"a host's owner has its domain", "smtp-relay.gmail.com", "", "gmail.com"},
    {"a domain's MX are its own", "", "gmail.com", "gmail.com"},
    {"a name of two labels is a domain", "example.net", "", "example.net"},
    {"a deep name is of the same owner", "a.b.c.d.example.net", "",
	"example.net"},
    {"capitals do not matter", "MX.Example.NET", "", "example.net"},
    {"under co.uk, the third label counts", "mx.example.co.uk", "",
	"example.co.uk"},
    {"com.au alone is what it is", "com.au", "", "com.au"},
    {"co under a long top is a domain", "mx.co.example", "", "co.example"},
    {"a label alone", "mx", "", "mx"},
    {"an address is its network's", "192.0.2.25", "", "192.0.2.0/24"},
    {"an IPv6 address too", "2001:db8:1:2::25", "", "2001:db8:1::/48"},
};

static void owner(void **state)
{
	const struct owner_row *row = *state;
	struct endpoint endpoint = {0};
	char said[PLAN_OWNER_SIZE];

	snprintf(endpoint.host, sizeof(endpoint.host), "%s", row->host);
	snprintf(endpoint.domain, sizeof(endpoint.domain), "%s", row->domain);
	assert_string_equal(plan_owner(&endpoint, said), row->owner);
}

/* --- parts --- */

/* `count` endpoints, `each` of an owner. */
static struct endpoint_list make_endpoints(size_t count, size_t each)
{
	struct endpoint_list list = {0};
	struct endpoint *endpoint;
	char name[32];
	size_t i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "mx%zu", i);
		endpoint = endpoints_add(&list, name);
		assert_non_null(endpoint);
		snprintf(endpoint->host, sizeof(endpoint->host),
		    "mx%zu.owner%zu.example", i, i / each);
	}
	return list;
}

static void deals_owners(void **state)
{
	struct endpoint_list list = make_endpoints(64, 4);
	size_t i, j, in_part[4] = {0};
	struct plan_parts parts;

	(void)state;
	assert_int_equal(plan_deal(&list, &parts), 0);
	assert_int_equal(parts.count, 4);
	for (i = 0; i < 64; i++) {
		in_part[parts.of[i]]++;
		for (j = i - i % 4; j < i; j++)
			assert_int_not_equal(parts.of[i], parts.of[j]);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(in_part[i], PLAN_ENDPOINTS_MAX);
	endpoints_free(&list);
}

static void other_part_each_day(void **state)
{
	struct endpoint_list list = make_endpoints(64, 1);
	struct plan_agent agent = {.rank = 5};
	struct plan_parts parts;
	unsigned seen = 0;
	int day;

	(void)state;
	assert_int_equal(plan_deal(&list, &parts), 0);
	for (day = 0; day < 4; day++)
		seen |= 1U << plan_part(&parts, &agent, NOON + day * DAY);
	assert_int_equal(seen, 0xf);
	endpoints_free(&list);
}

static void no_endpoints(void **state)
{
	struct endpoint_list list = {0};
	struct plan_parts parts;

	(void)state;
	assert_int_equal(plan_deal(&list, &parts), 0);
	assert_int_equal(parts.count, 0);
}

/* --- rounds --- */

static const struct round_row {
	const char *name;
	struct plan_fleet fleet;
	double rate;
	int64_t interval_s;
	int64_t rounds_s[PLAN_CLASSES];
} round_rows[] = {
    {"nobody yet: the interval", {{0}}, 1, 600, {600, 600, 600}},
    {"few: the interval", {{1, 2, 3}}, 1, 600, {600, 600, 600}},
    {"many settled: as the rate allows", {{0, 0, 8000}}, 1, 600,
	{640, 2560, 10240}},
    {"many unsettled: they share it", {{8000, 0, 0}}, 1, 600,
	{10240, 600, 600}},
    {"what the interval leaves is for the others", {{160, 0, 8000}}, 1, 3600,
	{3600, 3600, 12288}},
    {"a tenth of the rate, ten times the round", {{0, 0, 8000}}, 0.1, 600,
	{7168, 28672, 114688}},
};

static void rounds(void **state)
{
	const struct round_row *row = *state;
	struct endpoint endpoint = {
	    .rate = row->rate, .interval_s = row->interval_s};
	int64_t rounds_ms[PLAN_CLASSES];
	int i;

	plan_rounds(&row->fleet, &endpoint, 1, rounds_ms);
	for (i = 0; i < PLAN_CLASSES; i++)
		assert_int_equal(rounds_ms[i], row->rounds_s[i] * 1000);
}

/* Any mixture of any size, at any rate: what all rounds together ask for. */
static void within_rate(void **state)
{
	static const double rates[] = {0.0001, 0.01, 0.2, 1, 3.7, 50};
	struct endpoint endpoint = {.interval_s = 600};
	struct plan_fleet fleet = {{0}};
	int64_t rounds_ms[PLAN_CLASSES];
	double asked;
	size_t mixture, i;

	(void)state;
	for (mixture = 0; mixture < 6 * 512; mixture++) {
		endpoint.rate = rates[mixture % 6];
		for (i = 0; i < PLAN_CLASSES; i++)
			fleet.agents[i] = (size_t)1
					  << ((mixture / 6 >> 3 * i & 7) * 3);
		plan_rounds(&fleet, &endpoint, 1, rounds_ms);
		for (asked = 0, i = 0; i < PLAN_CLASSES; i++) {
			asked += (double)fleet.agents[i] * 1000 /
				 (double)rounds_ms[i];
			assert_true(rounds_ms[i] >= 600 * 1000);
		}
		assert_true(asked <= PLAN_REGULAR * endpoint.rate * 1.0001);
	}
}

/* --- visits --- */

static const struct plan_fleet large = {{1000, 20000, 79000}, 10};
static const struct plan_fleet small = {{2, 0, 0}, 1};

static struct plan_visits visits_at(const struct plan_fleet *fleet,
    const struct plan_agent *agent, double rate, int64_t now_ms)
{
	struct endpoint endpoint = {.rate = rate, .interval_s = 3600};
	struct plan_span span = plan_span(fleet, agent, now_ms);

	return plan_visits(fleet, agent, &endpoint, 1, &span);
}

static struct plan_agent known(double place)
{
	struct plan_agent agent = {
	    .class = PLAN_THIN,
	    .place = place,
	    .enrolled_ms = START,
	    .has_reported = true,
	};

	return agent;
}

static void same_times(void **state)
{
	struct plan_agent agent = known(0.3);
	struct plan_visits first = visits_at(&large, &agent, 1, NOON), again;
	int64_t later_ms;

	(void)state;
	assert_true(first.next_ms >= NOON);
	assert_true(first.next_ms < NOON + first.interval_ms);
	for (later_ms = 0; later_ms < 3 * first.interval_ms;
	     later_ms += 997 * 1000) {
		again = visits_at(&large, &agent, 1, NOON + later_ms);
		assert_int_equal(again.interval_ms, first.interval_ms);
		assert_int_equal(
		    (again.next_ms - first.next_ms) % first.interval_ms, 0);
		assert_true(again.next_ms >= NOON + later_ms);
	}
}

static void in_turn(void **state)
{
	struct plan_agent one = known(0.25), other = known(0.75);
	struct plan_visits mine = visits_at(&large, &one, 1, NOON);
	struct plan_visits its = visits_at(&large, &other, 1, NOON);
	int64_t apart_ms = mine.next_ms - its.next_ms;

	(void)state;
	assert_int_equal(
	    (apart_ms < 0 ? -apart_ms : apart_ms) * 2, mine.interval_ms);
}

static void spans(void **state)
{
	struct plan_agent agent = known(0.4);
	struct plan_span span = plan_span(&large, &agent, NOON), later;
	int64_t ms;

	(void)state;
	for (ms = 0; ms < DAY; ms += 60 * 1000) {
		later = plan_span(&large, &agent, NOON + ms);
		assert_true(later.until_ms > NOON + ms + HOUR / 2);
		assert_true(later.until_ms <= NOON + ms + 5 * HOUR);
		assert_int_equal(
		    (later.until_ms - span.until_ms) % (4 * HOUR), 0);
		assert_int_equal(later.number - span.number,
		    (later.until_ms - span.until_ms) / (4 * HOUR));
	}
}

static void extras_shared(void **state)
{
	struct plan_agent agent = known(0);
	int64_t sum = 0;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		agent.place = (i + 0.5) / 100000;
		sum += visits_at(&large, &agent, 2, NOON).extra;
	}
	/* 1/16 of an hour's 7200. */
	assert_in_range(sum, 420, 480);
}

static void extras_in_turn(void **state)
{
	struct plan_agent agent = known(0.123);
	int64_t sum = 0;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		sum += visits_at(&large, &agent, 20, NOON + i * 4 * HOUR).extra;
	assert_in_range(sum, 40, 50); /* 1000 x 4500 / 100000 */
	assert_int_equal(visits_at(&small, &agent, 20, NOON).extra, 8);
}

static void asking_gives_no_extras(void **state)
{
	struct plan_agent agent = known(0.123);
	struct plan_span span = plan_span(&large, &agent, NOON);
	int64_t extra = visits_at(&large, &agent, 200, NOON).extra, ms;

	(void)state;
	for (ms = NOON; plan_span(&large, &agent, ms).until_ms == span.until_ms;
	     ms += 60 * 1000)
		assert_int_equal(
		    visits_at(&large, &agent, 200, ms).extra, extra);
}

static const struct newcomer_row {
	const char *name;
	struct plan_fleet fleet;
	int64_t age_ms;
	bool has_reported;
	int64_t earliest_ms, latest_ms; /* of the next visit, after now */
} newcomer_rows[] = {
    {"the first agent of all goes at once", {{0, 0, 1}, 1}, 1000, false, 0,
	2000},
    {"one of few newcomers goes soon", {{9, 9, 90000}, 50}, 1000, false, 90000,
	110000},
    {"where it has reported, it waits for its turn", {{0, 0, 1}, 1}, 1000, true,
	HOUR / 4, HOUR},
    {"where it was too slow, it waits for its turn", {{0, 0, 1}, 1}, HOUR / 3,
	false, HOUR / 4, HOUR},
    {"one of a herd waits until all know of it", {{9, 9, 90000}, 50000}, 1000,
	false, 5 * HOUR - 1000, 1000 * DAY},
    {"and until then, whatever it has reported", {{9, 9, 90000}, 50000}, HOUR,
	true, 4 * HOUR, 1000 * DAY},
    {"a small fleet has room for a newcomer's turns", {{0, 0, 20}, 20}, HOUR,
	true, HOUR / 4, HOUR},
};

static void newcomer(void **state)
{
	const struct newcomer_row *row = *state;
	struct plan_agent agent = known(0.5);
	struct plan_visits visits;

	agent.class = PLAN_SETTLED;
	agent.enrolled_ms = NOON - row->age_ms;
	agent.has_reported = row->has_reported;
	visits = visits_at(&row->fleet, &agent, 1, NOON);
	assert_in_range(
	    visits.next_ms - NOON, row->earliest_ms, row->latest_ms);
}

/* --- the fleet --- */

static void add(struct fleet *fleet, uint64_t key, int64_t seen_ms)
{
	struct fleet_agent agent = {.key = key,
	    .enrolled_ms = START,
	    .number = (int64_t)fleet->count + 1,
	    .has_reported = seen_ms != 0};

	assert_int_equal(fleet_add(fleet, &agent, seen_ms, NOON), 0);
}

static void ranks(void **state)
{
	struct fleet_agent asked = {.key = 50, .enrolled_ms = START};
	uint64_t keys[] = {50, 10, 50, 70};
	struct fleet_network network = {keys, 4, true};
	struct fleet fleet = {0};
	struct plan_fleet counts;
	struct plan_agent agent;

	(void)state;
	add(&fleet, 70, NOON - DAY);
	add(&fleet, 50, NOON - DAY);
	add(&fleet, 10, NOON - 8 * DAY); /* too long ago */
	add(&fleet, 20, NOON - DAY);
	add(&fleet, 30, 0);
	fleet_sort(&fleet);
	fleet_mark(&fleet, &network, NOON);
	fleet_rank(&fleet, NOON);
	agent = fleet_find(&fleet, &asked, &counts);
	assert_int_equal(counts.agents[PLAN_UNSETTLED], 2);
	assert_int_equal(counts.agents[PLAN_SETTLED], 1);
	assert_int_equal(agent.class, PLAN_UNSETTLED);
	assert_int_equal(agent.rank, 0);
	assert_true(agent.place > 0.24 && agent.place < 0.26);
	fleet_free(&fleet);
}

static void later_agent(void **state)
{
	struct fleet_agent asked = {
	    .key = UINT64_C(3) << 62, .enrolled_ms = NOON, .number = 12};
	struct fleet fleet = {0};
	struct plan_fleet counts;
	struct plan_agent agent;

	(void)state;
	add(&fleet, 70, NOON - DAY);
	add(&fleet, 50, NOON - DAY);
	fleet_sort(&fleet);
	fleet_rank(&fleet, NOON);
	agent = fleet_find(&fleet, &asked, &counts);
	assert_int_equal(agent.class, PLAN_SETTLED);
	assert_int_equal(counts.agents[PLAN_SETTLED], 12);
	assert_int_equal(counts.newcomers, 10);
	assert_true(agent.place > 0.74 && agent.place < 0.76);
	fleet_free(&fleet);
}

static const struct network_row_of {
	const char *name;
	size_t agents;
	bool is_unsettled;
	size_t counts[PLAN_CLASSES];
} network_rows[] = {
    {"of an unsettled network, all have need", 40, true, {40, 0, 60}},
    {"of a large one, some are enough", 100, true, {64, 0, 36}},
    {"a settled network of few is thin", 40, false, {0, 40, 60}},
    {"a settled network of many has no need", 100, false, {0, 0, 100}},
};

static void network(void **state)
{
	const struct network_row_of *row = *state;
	uint64_t keys[100];
	struct fleet_network network = {keys, row->agents, row->is_unsettled};
	struct fleet fleet = {0};
	size_t i;

	for (i = 0; i < 100; i++) {
		keys[i] = 100 - i;
		add(&fleet, keys[i], NOON - DAY);
	}
	fleet_sort(&fleet);
	fleet_mark(&fleet, &network, NOON);
	fleet_rank(&fleet, NOON);
	for (i = 0; i < PLAN_CLASSES; i++)
		assert_int_equal(fleet.counts.agents[i], row->counts[i]);
	fleet_free(&fleet);
}

/* Bits of those of 128 that have need, at some time. */
static void marked(int64_t now_ms, bool bits[128])
{
	struct fleet fleet = {0};
	uint64_t keys[128];
	struct fleet_network network = {keys, 128, true};
	size_t i;

	for (i = 0; i < 128; i++) {
		keys[i] = i + 1;
		add(&fleet, keys[i], NOON - DAY);
	}
	fleet_sort(&fleet);
	fleet_mark(&fleet, &network, now_ms);
	for (i = 0; i < 128; i++)
		bits[i] = fleet.agents[i].class == PLAN_UNSETTLED;
	fleet_free(&fleet);
}

static void in_all_the_order(void **state)
{
	bool now[128], later[128];
	size_t i, changed = 0;

	(void)state;
	marked(NOON, now);
	for (i = 0; i < 128; i += 2)
		assert_int_equal(now[i] + now[i + 1], 1);
	marked(NOON + HOUR, later);
	for (i = 0; i < 128; i++)
		changed += now[i] != later[i];
	assert_in_range(changed, 2, 8);
	marked(NOON + DAY, later);
	for (i = 0; i < 128; i++)
		assert_int_not_equal(now[i], later[i]);
}

static const struct state_row {
	const char *name;
	enum network_state now, before;
	bool is_unsettled;
} state_rows[] = {
    {"open as yesterday is settled", STATE_OPEN, STATE_OPEN, false},
    {"filtered as yesterday too", STATE_FILTERED, STATE_FILTERED, false},
    {"intercepted as yesterday too", STATE_INTERCEPTED, STATE_INTERCEPTED,
	false},
    {"filtered since today is not", STATE_FILTERED, STATE_OPEN, true},
    {"nor what is known since today", STATE_OPEN, STATE_INSUFFICIENT, true},
    {"nor insufficient", STATE_INSUFFICIENT, STATE_INSUFFICIENT, true},
    {"nor partial", STATE_PARTIAL, STATE_PARTIAL, true},
    {"nor inconsistent", STATE_INCONSISTENT, STATE_INCONSISTENT, true},
};

static void unsettled(void **state)
{
	const struct state_row *row = *state;

	assert_int_equal(
	    fleet_is_unsettled(row->now, row->before), row->is_unsettled);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, owner_rows, owner);
	test_add(
	    &list, "an owner's endpoints are in different parts", deals_owners);
	test_add(
	    &list, "an agent gets another part each day", other_part_each_day);
	test_add(&list, "no endpoints, no parts", no_endpoints);
	TEST_ROWS(&list, round_rows, rounds);
	test_add(&list, "no mixture of needs asks for more than the rate",
	    within_rate);
	test_add(&list, "an agent's times do not move by asking", same_times);
	test_add(&list, "half a class apart is half a round apart", in_turn);
	test_add(&list, "spans end at the agent's own times", spans);
	test_add(&list, "visits to confirm are shared out once a span",
	    extras_shared);
	test_add(&list, "where there are few of them, in turn", extras_in_turn);
	test_add(&list, "asking again in a span gives no more of them",
	    asking_gives_no_extras);
	TEST_ROWS(&list, newcomer_rows, newcomer);
	test_add(&list, "agents of late are ranked by their pseudonyms", ranks);
	test_add(&list,
	    "who came after the counting has a place and is counted",
	    later_agent);
	TEST_ROWS(&list, network_rows, network);
	test_add(&list,
	    "some of a large network are from all of the order, in turn",
	    in_all_the_order);
	TEST_ROWS(&list, state_rows, unsettled);
	return test_run("plan", &list);
}
