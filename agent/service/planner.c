/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/planner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/alarm.h"
#include "agent/base/bounds.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"

/* A random time from half of `ms` to all of it, so that a fleet does not ask
 * all at once. */
static int64_t spread(int64_t ms)
{
	uint16_t random;

	random_bytes(&random, sizeof(random));
	return ms / 2 + ms / 2 * random / UINT16_MAX;
}

/* Convert a time in the plan to alarm.h's clock. */
static int64_t to_alarm_ms(const struct planner *planner, int64_t plan_ms)
{
	return planner->base_ms + (plan_ms - planner->plan.at_ms);
}

/* The next plan is asked for in the last fifth of this one's span. */
static void use(struct planner *planner, struct plan *plan, int64_t taken_ms)
{
	int64_t age_ms = clock_wall_ms() - taken_ms;
	int64_t now_ms = alarm_now_ms();

	plan_free(&planner->plan);
	planner->plan = *plan;
	planner->taken_ms = taken_ms;
	/* A negative age means the clock was set back: take it as new. */
	planner->base_ms = now_ms - alarm_span_ms(age_ms > 0 ? age_ms : 0);
	planner->until_ms = to_alarm_ms(planner, plan->until_ms);
	planner->ask_ms = planner->until_ms -
			  spread((planner->until_ms - planner->base_ms) / 5);
	if (planner->ask_ms > now_ms + PLANNER_ASK_MOST_MS)
		planner->ask_ms = now_ms + PLANNER_ASK_MOST_MS;
}

void planner_open(struct planner *planner, const struct state_directory *state,
    const struct agent_options *options)
{
	struct buf text = {0};
	struct plan plan;
	struct err err;
	int64_t taken_ms;
	int error;

	memset(planner, 0, sizeof(*planner));
	planner->state = state;
	if (!options->plan || options->collector[0] == '\0')
		return;
	error = statefile_read(
	    state, PLAN_FILE, PLAN_BYTES_MAX + 4096, &text, &err);
	if (error == 0)
		error = plan_decode_kept(
		    &text, options->collector, &taken_ms, &plan, &err);
	planner->from_disk = error == 0;
	if (error == 0)
		use(planner, &plan, taken_ms);
	else if (error != -ENOENT && error != -ESTALE)
		log_warn("the stored plan is not used: %s", err.text);
	buf_free(&text);
}

static void keep(const struct planner *planner, const char *collector,
    const char *json, size_t length)
{
	struct buf text = {0};
	struct err err;

	plan_keep(json, length, collector, planner->taken_ms, &text);
	if (statefile_write(planner->state, PLAN_FILE, &text, &err) < 0)
		log_warn("cannot store the plan: %s", err.text);
	buf_free(&text);
}

bool planner_take(struct planner *planner, const struct agent_options *options,
    const char *json, size_t length)
{
	int64_t taken_ms = clock_wall_ms();
	struct plan plan;
	struct err err;

	planner->ask_ms = alarm_now_ms() + spread(PLANNER_AGAIN_MS);
	if (json == NULL)
		return false;
	if (plan_decode(json, length, &plan, &err) < 0) {
		log_warn("the collector's plan is not used: %s", err.text);
		return false;
	}
	log_info(
	    "new plan from the collector: %zu endpoints", plan.endpoints.count);
	planner->from_disk = false;
	use(planner, &plan, taken_ms);
	keep(planner, options->collector, json, length);
	return true;
}

void planner_drop(struct planner *planner)
{
	plan_free(&planner->plan);
	planner->until_ms = planner->taken_ms = planner->ask_ms = 0;
}

bool planner_has_plan(const struct planner *planner)
{
	return planner->plan.endpoints.count > 0;
}

/* --- the terms --- */

/* An interval below PLANNER_LEAST_MS becomes a multiple of itself, so that the
 * visits stay in the plan's slots. */
static void widen_interval(struct schedule_terms *terms)
{
	if (terms->interval_ms < PLANNER_LEAST_MS)
		terms->interval_ms *= (PLANNER_LEAST_MS + terms->interval_ms -
					  1) /
				      terms->interval_ms;
}

static void take_slot(
    const struct planner *planner, size_t index, struct schedule_terms *terms)
{
	const struct plan_slot *slot = &planner->plan.slots[index];

	terms->planned = true;
	terms->slot_ms = to_alarm_ms(planner, slot->next_ms);
	terms->least_ms = slot->least_s * 1000;
	terms->extra = planner->from_disk ? 0 : slot->extra;
}

/* What of a plan is not followed; an example of each. */
struct refused {
	size_t count[BOUNDS_ADDRESS + 1];
	const char *example[BOUNDS_ADDRESS + 1];
};

static void log_refused(const struct refused *refused)
{
	static const char *const why[] = {
	    [BOUNDS_FEWER_PORTS] = "is asked on fewer ports: others are not "
				   "allowed to a plan (plan-ports)",
	    [BOUNDS_NO_PORT] = "is not visited: none of its ports is allowed "
			       "to a plan (plan-ports)",
	    [BOUNDS_ADDRESS] = "is not visited: its address is not public "
			       "(plan-networks)",
	};
	int cut;

	for (cut = BOUNDS_FEWER_PORTS; cut <= BOUNDS_ADDRESS; cut++)
		if (refused->count[cut] > 0)
			log_warn("the plan's endpoint %s %s; so are %zu others",
			    refused->example[cut], why[cut],
			    refused->count[cut] - 1);
}

static int take_planned(
    struct planner *planner, const struct agent_options *options)
{
	const struct endpoint_list *plan = &planner->plan.endpoints;
	struct refused refused = {{0}};
	struct endpoint endpoint, *kept;
	enum bounds_cut cut;
	struct bounds bounds;
	size_t i;

	/* They were checked when the configuration was read. */
	if (bounds_parse(
		options->plan_networks, options->plan_ports, &bounds, NULL) < 0)
		return -EINVAL;
	for (i = 0; i < plan->count; i++) {
		endpoint = plan->items[i];
		cut = bounds_cut(&bounds, &endpoint);
		if (refused.count[cut]++ == 0)
			refused.example[cut] = plan->items[i].name;
		if (cut == BOUNDS_NO_PORT || cut == BOUNDS_ADDRESS)
			continue;
		kept = endpoints_add(&planner->endpoints, endpoint.name);
		if (kept == NULL)
			return -ENOMEM;
		*kept = endpoint;
		take_slot(
		    planner, i, &planner->terms[planner->endpoints.count - 1]);
	}
	log_refused(&refused);
	return 0;
}

const struct endpoint_list *planner_terms(struct planner *planner,
    const struct agent_options *options, const struct endpoint_list *own)
{
	bool planned = planner_has_plan(planner);
	const struct endpoint_list *list = planned ? &planner->endpoints : own;
	size_t i, room = planned ? planner->plan.endpoints.count : own->count;
	int64_t interval_s;

	endpoints_free(&planner->endpoints);
	free(planner->terms);
	planner->terms = calloc(room + 1, sizeof(*planner->terms));
	if (planner->terms == NULL ||
	    (planned && take_planned(planner, options) < 0))
		return NULL;
	for (i = 0; i < list->count; i++) {
		struct schedule_terms *terms = &planner->terms[i];

		interval_s = list->items[i].interval_s;
		memcpy(terms->name, list->items[i].name, sizeof(terms->name));
		if (!planned && interval_s < options->interval_s)
			interval_s = options->interval_s;
		terms->interval_ms = interval_s * 1000;
		if (planned)
			widen_interval(terms);
	}
	return list;
}

void planner_free(struct planner *planner)
{
	planner_drop(planner);
	endpoints_free(&planner->endpoints);
	free(planner->terms);
	planner->terms = NULL;
}
