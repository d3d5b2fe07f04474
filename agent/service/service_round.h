/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_SERVICE_ROUND_H
#define EGRESS25_AGENT_SERVICE_SERVICE_ROUND_H

/* One round of the service, with its own resolver and TLS context, which exist
 * only during a round: an idle agent stays small. */

#include "agent/base/options.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"

struct allowance;
struct event_base;
struct service_round;

struct service_round_request {
	const struct agent_options *options; /* copied */
	/* Ownership passes to the round, even if it does not start. */
	struct endpoint_list endpoints;
	const struct source_seen *source4, *source6; /* copied */
	const char *agent; /* its id, for beacons; copied */
	/* Borrowed. NULL: the endpoints are this agent's own, and nothing
	 * bounds what it does for itself. */
	struct allowance *allowance;
};

/* Called exactly once, from the loop, unless cancelled. The report lacks only
 * its id and the agent's name, which the callee may fill in. Both arguments
 * belong to the round: service_round_cancel() frees them. */
typedef void service_round_done(
    void *arg, struct report *report, const struct endpoint_list *endpoints);

/* 0 or -errno; on failure `*round` is not set. */
int service_round_start(struct event_base *base,
    const struct service_round_request *request, service_round_done *done,
    void *arg, struct service_round **round, struct err *err);

/* One an endpoint: true when the round ended before it had its turn. Valid
 * until service_round_cancel(). */
const bool *service_round_no_turn(const struct service_round *round);

/* Free it, also after `done`; `done` will not be called any more. NULL is
 * allowed, and so is calling it from `done`. */
void service_round_cancel(struct service_round *round);

#endif
