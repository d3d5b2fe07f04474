/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_VIEW_H
#define EGRESS25_LIB_DIAGNOSE_VIEW_H

/* One port under judgement, and what every rule says in the same way. */

#include "lib/diagnose/breaks.h"
#include "lib/diagnose/diagnosis.h"
#include "lib/diagnose/round_known.h"

struct view {
	const struct round_known *round;
	size_t target; /* index */
	const struct evidence *evidence;
	const struct port_evidence *port;
	const struct port_evidence *control; /* NULL: nothing to compare */
	const struct endpoint_known *known;
	const struct family_known *family;
	int hops;      /* the endpoint's distance by the controls, or ABSENT */
	int early_ttl; /* its SYN-ACK came from nearer than the endpoint; or 0
			*/
	struct path_break path; /* of a mute port, else only its last hop */
};

/* A rule looks, and either decides (true) or leaves it to the next one. */
typedef bool rule(const struct view *view, struct diagnosis *out);

void view_look(const struct round_known *round, size_t target,
    const struct port_evidence *port, struct view *view);

/* The endpoint's distance as the controls have it; OBSERVE_ABSENT: unknown, or
 * routers answer other ports from there or from farther. */
int view_endpoint_hops(const struct view *view);

void view_decide(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism);

/* The evidence as a sentence. Always true, so that a rule can end with it. */
bool view_say(struct diagnosis *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An early answer is the path's: it comes from two hops nearer than the
 * endpoint or more, where a router answers another port, and from nearer to
 * this host than to the endpoint. (A load balancer or a host with containers
 * answers some ports a hop or two before others.) In the farther half, one hop
 * nearer, or where the router is silent it counts if an endpoint of another
 * owner is answered from behind the same hop; two others, if all are answered
 * from two hops nearer or less: two may be behind one balancer. */
bool view_is_beyond_doubt(
    const struct view *view, const struct suspicion *early);

/* This port's attempts have an end of that kind, and it is shown by an endpoint
 * of another owner as well. */
bool view_is_shown_elsewhere(const struct view *view, enum suspicion_kind kind);

#endif
