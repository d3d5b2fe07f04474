/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SERVICE_ROUND_H
#define EGRESS25_AGENT_SERVICE_SERVICE_ROUND_H

#include "agent/base/options.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"

struct event_base;

/* One round of the service with all that only a round needs: between two of
 * them nothing of it is there. */
struct service_round_request {
	const struct agent_options *options; /* copied */
	/* Passes to the cycle, also where it does not start. */
	struct endpoint_list endpoints;
	const struct source_seen *source4, *source6; /* copied */
};

/* Called exactly once, from the loop, unless cancelled. The report has its
 * sources and all that was seen; its id and the agent's name are for the
 * callee, who may change it, cancels the cycle in any case, and frees neither
 * of these. */
typedef void service_round_done(
    void *arg, struct report *report, const struct endpoint_list *endpoints);

/* 0 or -errno; unless 0, there is none. */
struct service_round;
int service_round_start(struct event_base *base,
    const struct service_round_request *request, service_round_done *done,
    void *arg, struct service_round **round, struct err *err);

/* No callback will come. NULL is allowed; so is the call from `done`. */
void service_round_cancel(struct service_round *round);

#endif
