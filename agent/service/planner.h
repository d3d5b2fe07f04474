/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PLANNER_H
#define EGRESS25_AGENT_SERVICE_PLANNER_H

/*
 * What the agent keeps to: the collector's plan, which is kept in STATE, or
 * without one its own endpoints file and `interval`. A plan that is out of date
 * stays in use until there is a new one, without its extra visits; so does one
 * that was read from disk, because they may have been made.
 */

#include "agent/base/options.h"
#include "agent/service/plan.h"
#include "agent/service/schedule.h"

struct planner {
	bool from_disk;
	struct plan plan;             /* no endpoints: there is none */
	int64_t taken_ms;             /* wall clock: it came */
	int64_t base_ms;              /* alarm.h: the plan was made */
	int64_t ask_ms;               /* alarm.h: ask for the next one then */
	int64_t until_ms;             /* alarm.h: of the plan, or 0 */
	struct schedule_terms *terms; /* owned; by planner_terms() */
	size_t nterms;
};

#define PLANNER_LEAST_MS                                                      \
	INT64_C(60000)                   /* between two visits, whoever plans \
					  */
#define PLANNER_AGAIN_MS INT64_C(900000) /* ask again where there was none */

/* Read the kept plan of the configured collector. A kept file that is broken
 * is said and passed over. */
void planner_open(struct planner *planner, const struct agent_options *options);

/* The collector's answer; NULL: it had none. True: there is a new plan. */
bool planner_take(struct planner *planner, const struct agent_options *options,
    const char *json, size_t length);

/* Another collector, or plans are not wanted any more. */
void planner_drop(struct planner *planner);

/* The endpoints to visit: the plan's, or `own`. Fills `terms` for them. NULL:
 * no memory. */
const struct endpoint_list *planner_terms(struct planner *planner,
    const struct agent_options *options, const struct endpoint_list *own);

void planner_free(struct planner *planner);

#endif
