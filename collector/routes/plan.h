/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_PLAN_H
#define EGRESS25_COLLECTOR_ROUTES_PLAN_H

/*
 * GET /v1/plan, signed as reports are: what the agent visits next
 * (collector/fleet/plan.h), as
 *	{"format":"egress25-plan/1","at":T,"until":T,"endpoints":[{...}]}
 * `next` is the first visit, the others follow every `interval_s`. `extra`
 * visits may be added in the time up to `until`; another plan with the same
 * `until` does not add to them. 404: this collector has no endpoints; 503: the
 * fleet has not been counted yet.
 */

#include "collector/http/reply.h"

request_handler route_plan;

#endif
