/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_PLAN_REPLY_H
#define EGRESS25_COLLECTOR_ROUTES_PLAN_REPLY_H

/*
 * GET /v1/plan, signed as reports are: what the agent visits next (plan.h), as
 *	{"format":"egress25-plan/1","at":T,"until":T,"endpoints":[{...}]}
 * 404 where this collector has no endpoints; 503 until the fleet was counted.
 * `next` is the first visit, every `interval_s` from it the others. `extra`
 * visits may be made beside them; they are for the whole of the span that ends
 * at `until`, so that another plan with the same `until` gives none anew.
 */

#include "collector/threads/server.h"

server_handler plan_reply;

#endif
