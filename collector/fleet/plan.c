/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/plan.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/addr.h"
#include "lib/base/day.h"

#define LIFE_MS       HOUR_MS /* how long a plan holds */
#define LIFE_LARGE_MS (4 * HOUR_MS)
#define LARGE_FLEET   10000
#define FIRST_MS      (15 * MINUTE_MS) /* a newcomer's first visit is due */
#define EXTRA_MOST    8
#define LEFT_LEAST    4 /* a plan holds for at least 1/4 of its life */
#define SPREAD        997
#define GOLDEN        0.6180339887498949 /* its multiples spread evenly */

static const double weights[PLAN_CLASSES] = {
    [PLAN_UNSETTLED] = 16,
    [PLAN_THIN] = 4,
    [PLAN_SETTLED] = 1,
};

/* --- owners --- */

/* Is it a second-level name under which a country's registry sells names? */
static bool is_shared_label(const char *label, size_t length)
{
	static const char *const shared[] = {"ac", "co", "com", "edu", "gob",
	    "gouv", "gov", "gv", "ne", "net", "nom", "or", "org"};
	size_t i;

	for (i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (strlen(shared[i]) == length &&
		    strncasecmp(shared[i], label, length) == 0)
			return true;
	return false;
}

/* Where the last `count` labels of the name begin. */
static const char *last_labels(const char *name, int count)
{
	const char *at = name + strlen(name);

	while (at > name) {
		if (at[-1] == '.' && --count == 0)
			break;
		at--;
	}
	return at;
}

static const char *registrable(const char *name)
{
	const char *two = last_labels(name, 2);
	const char *one = last_labels(name, 1);

	if (two > name && strlen(one) == 2 &&
	    is_shared_label(two, (size_t)(one - two) - 1))
		return last_labels(name, 3);
	return two;
}

char *plan_owner(const struct endpoint *endpoint, char owner[PLAN_OWNER_SIZE])
{
	const char *name = endpoint->domain[0] != '\0' ? endpoint->domain
						       : endpoint->host;
	struct addr addr;
	char *at;

	if (addr_parse(&addr, name))
		return addr_format_prefix(&addr, owner);
	snprintf(owner, PLAN_OWNER_SIZE, "%s", registrable(name));
	for (at = owner; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return owner;
}

/* --- parts --- */

struct owned {
	char owner[PLAN_OWNER_SIZE];
	size_t index;
};

static int compare_owned(const void *a, const void *b)
{
	const struct owned *left = a, *right = b;
	int order = strcmp(left->owner, right->owner);

	if (order != 0)
		return order;
	return (left->index > right->index) - (left->index < right->index);
}

/* Endpoints of one owner are neighbours in this order, and so are dealt to
 * different parts. */
int plan_deal(const struct endpoint_list *endpoints, struct plan_parts *parts)
{
	size_t i, count = endpoints->count;
	struct owned *owned;

	memset(parts, 0, sizeof(*parts));
	if (count == 0)
		return 0;
	owned = calloc(count, sizeof(*owned));
	if (owned == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		plan_owner(&endpoints->items[i], owned[i].owner);
		owned[i].index = i;
	}
	qsort(owned, count, sizeof(*owned), compare_owned);
	parts->count = (count - 1) / PLAN_ENDPOINTS_MAX + 1;
	for (i = 0; i < count; i++)
		parts->of[owned[i].index] = (uint16_t)(i % parts->count);
	free(owned);
	return 0;
}

size_t plan_part(const struct plan_parts *parts, const struct plan_agent *agent,
    int64_t now_ms)
{
	return (agent->rank + (size_t)(now_ms / DAY_MS)) % parts->count;
}

/* --- rounds --- */

static size_t fleet_size(const struct plan_fleet *fleet)
{
	size_t i, size = 0;

	for (i = 0; i < PLAN_CLASSES; i++)
		size += fleet->agents[i];
	return size > 0 ? size : 1;
}

/* Round up to 1, 1.25, 1.5 or 1.75 times a power of two. */
static double step_up(double seconds)
{
	double power;
	int exponent;

	if (!(seconds > 1)) /* NaN, too: no agents and no budget */
		return 1;
	frexp(seconds, &exponent);
	power = ldexp(1, exponent - 1);
	return ceil(seconds / power * 4) / 4 * power;
}

void plan_rounds(const struct plan_fleet *fleet,
    const struct endpoint *endpoint, size_t nparts,
    int64_t rounds_ms[PLAN_CLASSES])
{
	double budget = PLAN_REGULAR * endpoint->rate * (double)nparts;
	double weight = 0, seconds;
	int i;

	for (i = 0; i < PLAN_CLASSES; i++)
		weight += weights[i] * (double)fleet->agents[i];
	for (i = 0; i < PLAN_CLASSES; i++) {
		seconds = step_up(weight / budget / weights[i]);
		if (seconds < (double)endpoint->interval_s)
			seconds = (double)endpoint->interval_s;
		seconds = ceil(seconds);
		rounds_ms[i] = (int64_t)seconds * 1000;
		/* A class that may not visit more often leaves the rest of its
		 * budget to those after it. */
		budget -= (double)fleet->agents[i] / seconds;
		weight -= weights[i] * (double)fleet->agents[i];
	}
}

/* --- one agent --- */

static int64_t life_ms(const struct plan_fleet *fleet)
{
	return fleet_size(fleet) < LARGE_FLEET ? LIFE_MS : LIFE_LARGE_MS;
}

/* The first time from `from_ms` on at which a round is at `phase`, 0 to 1. */
static int64_t next_turn(int64_t from_ms, int64_t round_ms, double phase)
{
	int64_t turn_ms = (int64_t)(phase * (double)round_ms);

	return from_ms + (turn_ms + round_ms - from_ms % round_ms) % round_ms;
}

struct plan_span plan_span(const struct plan_fleet *fleet,
    const struct plan_agent *agent, int64_t now_ms)
{
	int64_t life = life_ms(fleet);
	struct plan_span span = {.at_ms = now_ms};

	/* Not in the order of the visits: while the length of rounds changes,
	 * agents with a new plan are spread among those with an old one. */
	double turn = agent->place * SPREAD;

	span.until_ms = next_turn(
	    now_ms + life / LEFT_LEAST, life, turn - floor(turn));
	span.number = span.until_ms / life;
	return span;
}

/* A share of the endpoint's rate, as visits an hour for each agent of the
 * part. */
static double share_of(const struct plan_fleet *fleet,
    const struct endpoint *endpoint, size_t nparts, double share)
{
	return share * endpoint->rate * 3600 * (double)nparts /
	       (double)fleet_size(fleet);
}

/* All agents together get an hour's share in each span. If that is less than
 * one visit each, they take turns from span to span. */
static int64_t extra_visits(const struct plan_fleet *fleet,
    const struct plan_agent *agent, double each, const struct plan_span *span)
{
	double whole = floor(each), turn;

	if (whole >= EXTRA_MOST)
		return EXTRA_MOST;
	turn = agent->place + (double)(span->number % 100000) * GOLDEN;
	return (int64_t)whole + (turn - floor(turn) < each - whole);
}

/* Newcomers visit at once, a little apart, as long as they are not too many.
 * The time of this one's first visit; 0: it waits for its turn. */
static int64_t first_visit_ms(const struct plan_fleet *fleet,
    const struct plan_agent *agent, const struct endpoint *endpoint,
    int64_t now_ms)
{
	double before = (double)fleet->newcomers;

	if (agent->has_reported || now_ms - agent->enrolled_ms >= FIRST_MS ||
	    before > PLAN_NEWCOMERS * endpoint->rate * 3600)
		return 0;
	return agent->enrolled_ms +
	       (int64_t)(before / (endpoint->rate / 2) * 1000);
}

/* From then on, all plans in use were made with this agent counted. */
static int64_t known_ms(
    const struct plan_fleet *fleet, const struct plan_agent *agent)
{
	return agent->enrolled_ms + life_ms(fleet) +
	       life_ms(fleet) / LEFT_LEAST;
}

struct plan_visits plan_visits(const struct plan_fleet *fleet,
    const struct plan_agent *agent, const struct endpoint *endpoint,
    size_t nparts, const struct plan_span *span)
{
	int64_t first_ms = first_visit_ms(fleet, agent, endpoint, span->at_ms);
	int64_t rounds_ms[PLAN_CLASSES], from_ms = span->at_ms;
	struct plan_visits visits;

	plan_rounds(fleet, endpoint, nparts, rounds_ms);
	visits.interval_ms = rounds_ms[agent->class];
	if (visits.interval_ms > endpoint->interval_s * 1000 &&
	    from_ms < known_ms(fleet, agent)) {
		from_ms = known_ms(fleet, agent);
		/* Nor does the agent visit often if it gets no later plan. */
		if (visits.interval_ms < 2 * DAY_MS)
			visits.interval_ms = 2 * DAY_MS;
	}
	visits.next_ms = next_turn(from_ms, visits.interval_ms, agent->place);
	if (first_ms > 0)
		visits.next_ms = first_ms > span->at_ms ? first_ms
							: span->at_ms;
	visits.extra = extra_visits(fleet, agent,
	    share_of(fleet, endpoint, nparts, PLAN_CONFIRMING), span);
	return visits;
}
