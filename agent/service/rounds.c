/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/rounds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/alarm.h"
#include "agent/base/allowance.h"
#include "agent/explain/explain.h"
#include "agent/net/netstate.h"
#include "agent/service/service_round.h"
#include "agent/upload/report_parts.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/report/report_encode.h"

#define OLD_MS   DAY_MS
#define SLEPT_MS 1000 /* a suspend during a round that spoils it */

enum phase {
	PHASE_WAITING, /* for rounds_begin() */
	PHASE_RESTING,
	PHASE_PROVING,
	PHASE_VISITING,
};

struct rounds {
	struct event_base *base;
	struct rounds_parts parts;
	struct rounds_events events;
	const struct endpoint_list *endpoints;
	struct allowance *allowance; /* NULL: they are this agent's own */
	struct schedule schedule;
	struct alarm *alarm;
	enum phase phase;
	struct service_round *round;
	struct endpoint_list chosen; /* PROVING: for the round */
	int64_t logged_ms;           /* the due time logged last */
	int64_t slept_ms;            /* slept_ms() when this round began */
	bool at_once;                /* run --once: no second round */
};

static const char *const doing[] = {
    [PHASE_WAITING] = "starting",
    [PHASE_RESTING] = "idle until the next visit",
    [PHASE_PROVING] = "asking for source proofs",
    [PHASE_VISITING] = "a round is running",
};

static void enter(struct rounds *rounds, enum phase phase)
{
	struct status *status = rounds->parts.status;

	rounds->phase = phase;
	snprintf(status->doing, sizeof(status->doing), "%s", doing[phase]);
	rounds->events.changed(rounds->events.arg);
}

/* --- resting --- */

static void note_endpoints(struct rounds *rounds)
{
	const struct schedule_entry *entry;
	struct status_endpoint *noted;
	size_t i;

	for (i = 0; i < rounds->schedule.count; i++) {
		entry = &rounds->schedule.entries[i];
		noted = status_endpoint(
		    rounds->parts.status, entry->terms.name);
		if (noted == NULL)
			return;
		noted->next_ms = alarm_to_wall_ms(entry->due_ms);
		noted->away = entry->away;
	}
}

static int64_t next_ms(struct rounds *rounds)
{
	int64_t at_ms = schedule_next(&rounds->schedule, alarm_now_ms());
	int64_t allowed_ms = uploader_facts(rounds->parts.uploader)
				 ->not_before_ms;

	return at_ms > allowed_ms ? at_ms : allowed_ms;
}

static void log_next(struct rounds *rounds, int64_t at_ms)
{
	int64_t now_ms = alarm_now_ms();

	if (at_ms == rounds->logged_ms || at_ms <= now_ms || rounds->at_once)
		return;
	rounds->logged_ms = at_ms;
	log_info("next round in %lld s", (long long)((at_ms - now_ms) / 1000));
}

static void rest(struct rounds *rounds)
{
	int64_t at_ms = next_ms(rounds);

	if (at_ms == SCHEDULE_FOREVER) {
		alarm_off(rounds->alarm);
		rounds->parts.status->next_ms = 0;
	} else {
		alarm_set(rounds->alarm, at_ms);
		rounds->parts.status->next_ms = alarm_to_wall_ms(at_ms);
		log_next(rounds, at_ms);
	}
	if (rounds->allowance != NULL)
		allowance_rest(rounds->allowance);
	note_endpoints(rounds);
	enter(rounds, PHASE_RESTING);
}

static void fail(struct rounds *rounds, const struct err *err)
{
	service_round_cancel(rounds->round);
	rounds->round = NULL;
	endpoints_free(&rounds->chosen);
	rounds->events.failed(rounds->events.arg, err);
	if (rounds->phase != PHASE_WAITING)
		rest(rounds);
}

/* --- the results of a round --- */

static void judge(struct rounds *rounds, const struct explain_round *explained)
{
	struct port_states *states = &rounds->parts.status->port_states;
	struct schedule_result result;
	struct port_states_news news;
	size_t i;

	for (i = 0; i < rounds->schedule.count; i++) {
		if (!rounds->schedule.entries[i].open)
			continue;
		news = port_states_compare(
		    states, explained, rounds->schedule.entries[i].terms.name);
		result.turned_away = news.turned_away;
		result.changed = news.changed;
		schedule_ended(&rounds->schedule, i, &result, alarm_now_ms());
	}
	port_states_update(states, explained, clock_wall_ms());
}

/* They are visited in the next round, which follows at once. */
static void note_left_out(
    struct rounds *rounds, const struct endpoint_list *endpoints)
{
	const bool *no_turn = service_round_no_turn(rounds->round);
	struct status_endpoint *noted;
	size_t i;

	for (i = 0; i < endpoints->count; i++) {
		if (!no_turn[i])
			continue;
		schedule_had_no_turn(&rounds->schedule,
		    endpoints->items[i].name, alarm_now_ms());
		noted = status_endpoint(
		    rounds->parts.status, endpoints->items[i].name);
		if (noted != NULL)
			noted->visited_ms = 0;
	}
}

static void note_round(struct rounds *rounds, const struct report *report,
    const struct endpoint_list *endpoints)
{
	struct status *status = rounds->parts.status;
	struct explain_round explained;

	note_left_out(rounds, endpoints);
	status->round_began_ms = report->started_ms;
	status->round_ended_ms = report->ended_ms;
	status->round_addresses = (int64_t)report->ntargets;
	if (explain_round(report, endpoints, &explained) == 0) {
		judge(rounds, &explained);
		explain_free(&explained);
	}
}

static int keep_part(
    struct rounds *rounds, const struct report *part, struct err *err)
{
	struct buf json = {0};
	int error;

	report_encode(part, &json);
	error = json.failed ? err_system(err, -ENOMEM, "the report")
			    : spool_put(rounds->parts.spool, part->id,
				  json.data, json.length, err);
	buf_free(&json);
	return error;
}

/* A round that is too big for one report is kept as several. */
static int keep(struct rounds *rounds, struct report *report, struct err *err)
{
	int64_t newest_ms = spool_newest_ms(rounds->parts.spool);
	int64_t at_ms = report->started_ms > newest_ms ? report->started_ms
						       : newest_ms + 1;
	size_t *ends = NULL, count = 0, i, from = 0;
	char id[REPORT_ID_SIZE];
	struct report part;
	int error;

	identity_name_or_expected(rounds->parts.identity, report->agent);
	error = report_parts_cut(report, &report_limits, &ends, &count);
	if (error < 0)
		return err_system(err, error, "the report");
	for (i = 0; error == 0 && i < count; i++) {
		uuid7(at_ms + (int64_t)i, id);
		part = report_part(report, from, ends[i], id);
		error = keep_part(rounds, &part, err);
		from = ends[i];
	}
	if (count > 1)
		log_info("the round is sent as %zu reports", count);
	free(ends);
	return error;
}

/* How long the machine has been suspended since boot. A connection that was
 * open during a suspend shows nothing about the network. */
static int64_t slept_ms(void)
{
	return clock_boot_ms() - clock_mono_us() / 1000;
}

static void on_round_done(
    void *arg, struct report *report, const struct endpoint_list *endpoints)
{
	struct rounds *rounds = arg;
	struct err err;

	/* rounds_move() cancels the round, which frees the report. */
	if (slept_ms() > rounds->slept_ms + SLEPT_MS) {
		log_info("the machine was suspended");
		rounds_move(rounds, alarm_now_ms() + NETSTATE_SETTLE_MS);
		return;
	}
	if (rounds->events.has_moved != NULL &&
	    rounds->events.has_moved(rounds->events.arg))
		return;
	log_info("round complete: %zu addresses visited", report->ntargets);
	if (keep(rounds, report, &err) < 0) {
		fail(rounds, &err);
		return;
	}
	note_round(rounds, report, endpoints);
	service_round_cancel(rounds->round);
	rounds->round = NULL;
	rest(rounds);
	rounds->events.kept(rounds->events.arg);
}

/* --- starting a round --- */

static void visit(struct rounds *rounds, const struct source_seen *source4,
    const struct source_seen *source6)
{
	char agent[REPORT_AGENT_SIZE];
	struct service_round_request request = {
	    .agent = agent,
	    .options = rounds->parts.options,
	    .endpoints = rounds->chosen,
	    .source4 = source4,
	    .source6 = source6,
	    .allowance = rounds->allowance,
	};
	struct err err;

	identity_name_or_expected(rounds->parts.identity, agent);
	memset(&rounds->chosen, 0, sizeof(rounds->chosen));
	rounds->slept_ms = slept_ms();
	enter(rounds, PHASE_VISITING);
	if (service_round_start(rounds->base, &request, on_round_done, rounds,
		&rounds->round, &err) < 0)
		fail(rounds, &err);
}

/* A changed public address means another network in its family; not so a new
 * temporary one (RFC 8981). */
static void note_source(
    struct status *status, struct addr *known, const struct addr *now)
{
	unsigned bits = now->family == 4 ? 32 : 64;
	struct addr before = addr_mask(known, bits);
	struct addr after = addr_mask(now, bits);

	if (now->family == 0)
		return;
	if (known->family != 0 && !addr_equal(&before, &after))
		port_states_forget(&status->port_states, now->family);
	*known = *now;
}

void rounds_proved(struct rounds *rounds, const struct uplink_result *result)
{
	struct status *status = rounds->parts.status;

	if (rounds->phase != PHASE_PROVING)
		return;
	if (result->end != UPLINK_OK)
		log_warn("no source proof: this round cannot be attributed: "
			 "%s",
		    result->why);
	note_source(status, &status->source4, &result->source4.address);
	note_source(status, &status->source6, &result->source6.address);
	visit(rounds, &result->source4, &result->source6);
}

static int choose(struct rounds *rounds)
{
	const struct schedule_entry *entry;
	const struct endpoint *endpoint;
	struct endpoint *copy;
	size_t i;

	for (i = 0; i < rounds->schedule.count; i++) {
		entry = &rounds->schedule.entries[i];
		if (!entry->open)
			continue;
		endpoint = endpoints_find(rounds->endpoints, entry->terms.name);
		copy = endpoints_add(&rounds->chosen, entry->terms.name);
		if (copy == NULL)
			return -ENOMEM;
		if (endpoint != NULL)
			*copy = *endpoint;
	}
	return 0;
}

static void note_visits(struct rounds *rounds)
{
	struct status_endpoint *noted;
	size_t i;

	for (i = 0; i < rounds->schedule.count; i++) {
		if (!rounds->schedule.entries[i].open)
			continue;
		noted = status_endpoint(rounds->parts.status,
		    rounds->schedule.entries[i].terms.name);
		if (noted != NULL)
			noted->visited_ms = clock_wall_ms();
	}
}

static void begin_round(struct rounds *rounds)
{
	static const struct source_seen none = {{0}};
	struct err err;

	alarm_off(rounds->alarm);
	note_visits(rounds);
	if (choose(rounds) < 0) {
		err_system(&err, -ENOMEM, "a round");
		fail(rounds, &err);
	} else if (rounds->parts.options->collector[0] == '\0') {
		visit(rounds, &none, &none);
	} else {
		enter(rounds, PHASE_PROVING);
		uploader_ask_proof(rounds->parts.uploader);
	}
}

static void on_alarm(void *arg)
{
	struct rounds *rounds = arg;
	int64_t now_ms = alarm_now_ms();

	if (rounds->phase != PHASE_RESTING)
		return;
	if (next_ms(rounds) <= now_ms &&
	    schedule_begin(&rounds->schedule, now_ms) > 0)
		begin_round(rounds);
	else
		rest(rounds);
}

void rounds_begin(struct rounds *rounds, bool at_once)
{
	size_t i;

	rounds->at_once = at_once;
	if (!at_once) {
		rest(rounds);
		return;
	}
	for (i = 0; i < rounds->schedule.count; i++)
		rounds->schedule.entries[i].due_ms = alarm_now_ms();
	schedule_begin(&rounds->schedule, alarm_now_ms());
	begin_round(rounds);
}

/* --- what to visit --- */

/* An endpoint that is new to the schedule may have been visited by an earlier
 * process. */
static void recall(struct rounds *rounds)
{
	const struct status *status = rounds->parts.status;
	const struct schedule_entry *entry;
	int64_t now_ms = alarm_now_ms(), visited_ms;
	size_t i;

	for (i = 0; i < status->nendpoints; i++) {
		entry = schedule_find(
		    &rounds->schedule, status->endpoints[i].name);
		if (entry == NULL || entry->visited_ms != SCHEDULE_NEVER ||
		    status->endpoints[i].visited_ms == 0)
			continue;
		visited_ms = now_ms -
			     alarm_span_ms(clock_wall_ms() -
					   status->endpoints[i].visited_ms);
		schedule_recall(&rounds->schedule, status->endpoints[i].name,
		    visited_ms < now_ms ? visited_ms : now_ms,
		    (int)status->endpoints[i].away);
	}
}

/* Endpoints that are no longer visited are remembered for a day. */
static void forget_old(struct rounds *rounds)
{
	struct status *status = rounds->parts.status;
	int64_t old_ms = clock_wall_ms() - OLD_MS;
	const struct status_endpoint *endpoint;
	char name[sizeof(endpoint->name)];
	size_t i = 0;

	while (i < status->nendpoints) {
		endpoint = &status->endpoints[i];
		if (schedule_find(&rounds->schedule, endpoint->name) != NULL ||
		    endpoint->visited_ms > old_ms) {
			i++;
			continue;
		}
		memcpy(name, endpoint->name, sizeof(name));
		status_drop_endpoint(status, name);
	}
}

int rounds_set(struct rounds *rounds, const struct rounds_terms *terms)
{
	int error = schedule_set(&rounds->schedule, terms->terms,
	    terms->endpoints->count, terms->until_ms, alarm_now_ms());

	if (error < 0)
		return error;
	rounds->endpoints = terms->endpoints;
	rounds->allowance = terms->allowance;
	recall(rounds);
	forget_old(rounds);
	rounds_refresh(rounds);
	return 0;
}

void rounds_move(struct rounds *rounds, int64_t at_ms)
{
	if (rounds->round != NULL)
		log_info("the round under way is discarded");
	service_round_cancel(rounds->round);
	rounds->round = NULL;
	endpoints_free(&rounds->chosen);
	schedule_moved(&rounds->schedule, at_ms);
	if (rounds->phase != PHASE_WAITING)
		rest(rounds);
}

void rounds_refresh(struct rounds *rounds)
{
	if (rounds->phase == PHASE_RESTING)
		rest(rounds);
}

bool rounds_are_resting(const struct rounds *rounds)
{
	return rounds->phase == PHASE_RESTING;
}

/* --- creation and destruction --- */

struct rounds *rounds_new(struct event_base *base,
    const struct rounds_parts *parts, const struct rounds_events *events)
{
	struct rounds *rounds = calloc(1, sizeof(*rounds));

	if (rounds == NULL)
		return NULL;
	rounds->base = base;
	rounds->parts = *parts;
	rounds->events = *events;
	random_bytes(&rounds->schedule.dice, sizeof(rounds->schedule.dice));
	rounds->alarm = alarm_new(base, on_alarm, rounds);
	if (rounds->alarm == NULL) {
		free(rounds);
		return NULL;
	}
	return rounds;
}

void rounds_free(struct rounds *rounds)
{
	if (rounds == NULL)
		return;
	service_round_cancel(rounds->round);
	endpoints_free(&rounds->chosen);
	schedule_free(&rounds->schedule);
	alarm_free(rounds->alarm);
	free(rounds);
}
