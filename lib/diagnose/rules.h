/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_H
#define EGRESS25_LIB_DIAGNOSE_RULES_H

/*
 * The rules of the diagnosis, one question each. diagnose.c asks them in
 * order, and the first that decides is right. rules_answer.c has those for
 * ports that shook hands, rules_silence.c those for ports that did not.
 */

#include "lib/diagnose/diagnose.h"
#include "lib/diagnose/evidence.h"

/* One port under judgement, with all that may be held against it. */
struct view {
	const struct evidence *evidence;
	const struct port_evidence *port;
	const struct port_evidence *control; /* NULL: nothing to compare */
	const struct endpoint_known *known;
	const struct round_known *round;
	int hops;      /* the endpoint's distance by the controls, or ABSENT */
	int early_ttl; /* the port's SYN-ACK came at this smaller TTL, or 0 */
};

/* Look, and either decide (true) or pass on to the next rule. */
typedef bool rule(const struct view *view, struct diagnosis *out);

/* Attempts passed, and from some moment on all of them vanish. */
rule rule_cut_off;
/* Some attempts pass and others vanish, far more than on a control. */
rule rule_throttle;
/* STARTTLS overwritten in place, or gone from an endpoint that offers it. */
rule rule_stripped;
/* A foreign key where another port shows the endpoint's known one. */
rule rule_key;
/* The handshake ends nearer than the endpoint. */
rule rule_redirect;
rule rule_reachable;
/* Reset or silence behind a handshake from the endpoint's own distance. */
rule rule_after_connect;
/* It connects and speaks, but not the protocol that was asked for. */
rule rule_wrong_protocol;

rule rule_refused;
rule rule_unreachable;
/* Nothing came back; always decides. */
rule rule_silent;

/* Set the outcome. What is placed before the first hop is the host's own
 * doing: rule_decide_placed() makes it OUTCOME_LOCAL. */
void rule_decide(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism);
void rule_decide_placed(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism);

/* Place it: what was done was done after hop `after_hop`. */
void rule_place(const struct view *view, struct diagnosis *out, int after_hop);

/* The evidence as a sentence. Always true, so that a rule can end with it. */
bool rule_say(struct diagnosis *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
