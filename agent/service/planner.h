/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PLANNER_H
#define EGRESS25_AGENT_SERVICE_PLANNER_H

/*
 * What to visit, and on what terms: the collector's plan, kept in STATE, or
 * without a plan the agent's own endpoints file and `interval`. An expired
 * plan stays in use until there is a new one, but without its extra visits. So
 * does a plan loaded from disk, because the extra visits may have been made
 * before the restart.
 */

#include "agent/base/options.h"
#include "agent/base/statefile.h"
#include "agent/service/plan.h"
#include "agent/service/schedule.h"
#include "lib/base/day.h"

/* Between two requests for a plan, whatever the plan says. */
#define PLANNER_ASK_LEAST_MS INT64_C(60000)
#define PLANNER_ASK_MOST_MS  DAY_MS
/* Minimum between two visits to an endpoint, whatever the plan says. */
#define PLANNER_LEAST_MS INT64_C(60000)
/* When to ask again after the collector had no plan. */
#define PLANNER_AGAIN_MS INT64_C(900000)

struct planner {
	const struct state_directory *state; /* borrowed */
	bool from_disk;
	struct plan plan; /* no endpoints: no plan */
	int64_t taken_ms; /* wall clock: when it was received */
	int64_t base_ms;  /* alarm.h: when it was made */
	int64_t ask_ms;   /* alarm.h: when to ask for the next */
	int64_t until_ms; /* alarm.h: when it expires, or 0 */
	/* Owned; set by planner_terms(): what the plan and this agent's bounds
	 * have in common. */
	struct endpoint_list endpoints;
	struct schedule_terms *terms;
};

/* Initialise, and load the plan of the configured collector if one was kept.
 * A broken file is logged and ignored. */
void planner_open(struct planner *planner, const struct state_directory *state,
    const struct agent_options *options);

/* Handle the collector's answer; `json` NULL: it had no plan. Sets `ask_ms`.
 * True: there is a new plan. */
bool planner_take(struct planner *planner, const struct agent_options *options,
    const char *json, size_t length);

/* Forget the plan: the collector has changed, or plans are switched off. */
void planner_drop(struct planner *planner);

/* Set `terms`, and return the endpoints they belong to, in the same order: the
 * plan's within this agent's bounds, or `own` without a plan. What of the plan
 * is cut away is logged. NULL: no memory. */
const struct endpoint_list *planner_terms(struct planner *planner,
    const struct agent_options *options, const struct endpoint_list *own);

/* Whether there is a plan, so that planner_terms() gives its endpoints. */
bool planner_has_plan(const struct planner *planner);

void planner_free(struct planner *planner);

#endif
