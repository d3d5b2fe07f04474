/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_DOUBTS_H
#define EGRESS25_AGENT_MEASURE_DOUBTS_H

/*
 * Ports that one of the addresses of a round seems to have throttled. Chance
 * lets some of the others' SYNs pass, or none: they are counted too, by the
 * visit that is under way, or by another one after it.
 */

#include "agent/measure/stop.h"
#include "agent/measure/visit.h"

#define DOUBTS_MAX 32

struct doubts {
	struct doubt {
		uint8_t family;
		uint16_t port;
		bool at_once; /* where it is counted, a first SYN was answered
			       */
	} list[DOUBTS_MAX];
	size_t count;
};

/* The stop's visit doubts the port, and has begun to count it: all others that
 * are under way are told. What does not fit is left out. */
void doubts_add(struct doubts *doubts, struct stop_list *stops,
    struct stop *stop, uint16_t port, bool at_once);

/* The stop's visit has begun: it is told of all. */
void doubts_tell(const struct doubts *doubts, struct stop *stop);

/* The asked ports of a visited address that are in doubt, and were not counted
 * there, become those of the request. They count as counted from now on. */
void doubts_take(const struct doubts *doubts, struct stop *stop,
    struct visit_request *request);

#endif
