/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_STOP_H
#define EGRESS25_AGENT_MEASURE_STOP_H

/* The addresses that a round visits, in the order in which they were found. */

#include <sys/queue.h>

#include "lib/config/endpoints.h"
#include "lib/report/report.h"

#define STOPS_MAX 4096 /* in a round; further ones are left out */

struct round;

/* One address to visit. */
struct stop {
	struct round *round;
	STAILQ_ENTRY(stop) entry;
	const struct endpoint *endpoint;
	struct target_seen target; /* owned, with its contents */
	int64_t at_us;       /* of the monotonic clock: the visit's time */
	struct visit *visit; /* NULL: not begun, or over; the round's */
	bool over;
	bool refused;     /* the allowance had none for it */
	uint32_t counted; /* bits of round->doubts */
};

STAILQ_HEAD(stop_list, stop);

/* Append an address of the host; the target's own is to be filled in. NULL: no
 * memory, which is logged. */
struct stop *stops_add(struct stop_list *stops, struct round *round,
    const struct endpoint *endpoint, const char *host, uint8_t family);

/* How many of the endpoint's addresses in this family are listed. */
int64_t stops_count(const struct stop_list *stops,
    const struct endpoint *endpoint, uint8_t family);

bool stops_have(const struct stop_list *stops, const struct endpoint *endpoint,
    const struct addr *address);

/* The same address may belong to two endpoints: one visit at a time. */
bool stops_are_visiting(
    const struct stop_list *stops, const struct addr *address);

/* Move the targets into the report, in the order of the endpoints. What a stop
 * never saw is left out. 0 or -ENOMEM. */
int stops_collect(const struct stop_list *stops, struct report *report);

/* The visits must have ended. */
void stops_free(struct stop_list *stops);

/* A whole dialogue passed on that port, or a connect vanished or was turned
 * away: each may be chance. */
bool stop_may_be_chance(const struct stop *stop, uint16_t port);

/* A port to count beside those in doubt: one that shook hands. */
struct port_list stop_steady_control(
    const struct stop *stop, const struct port_list *doubted);

#endif
