/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_H

/*
 * Words for people: from a round's diagnoses to a state a port, one sentence
 * a port and what to do next; the table and the JSON of `check`. Pure.
 */

#include "lib/base/buf.h"
#include "lib/diagnose/diagnose.h"
#include "lib/report/report.h"

enum port_state {
	PORT_OPEN,
	PORT_FILTERED,
	PORT_INTERCEPTED,
	PORT_LOCAL,
	PORT_ENDPOINT,
	PORT_UNKNOWN,
	PORT_MIXED,
	PORT_STATES
};

/* One diagnosis and the target it is of (an index into the report). */
struct explain_item {
	size_t target;
	struct diagnosis diagnosis;
};

/* All of a round, diagnosed. */
struct explain_round {
	const struct report *report; /* borrowed */
	struct explain_item *items;  /* owned */
	size_t count;
};

/* One port over all its endpoints and families. */
struct explain_port {
	uint16_t port;
	enum port_state state;
	enum mechanism mechanism; /* of the state; MECHANISM_COUNT: none */
	enum where where;
	char because[400]; /* the sentence for a ticket */
};

/* Diagnose every target of the report, its ports in the order 25, 587, 465,
 * others. `endpoints` may be NULL. 0 or -ENOMEM.
 * End with explain_free(). */
struct endpoint_list;
int explain_round(const struct report *report,
    const struct endpoint_list *endpoints, struct explain_round *round);
void explain_free(struct explain_round *round);

/* Sum up by port, in the order 25, 587, 465, others. Returns how many of
 * `out` were filled. */
size_t explain_ports(
    const struct explain_round *round, struct explain_port *out, size_t most);

/* `check`'s exit code (section 2 of the contract): 0 every port open; 1 some
 * port filtered, intercepted, local or mixed with one of these; 3 the rest. */
int explain_exit_code(const struct explain_port *ports, size_t count);

/* The table, the sentences and the advice. `colour` adds SGR codes. */
void explain_text(const struct explain_round *round,
    const struct explain_port *ports, size_t count, bool colour,
    struct buf *out);

/* egress25-check/1 as one JSON object and a line end. `readiness` NULL: it
 * was not looked up. */
struct readiness;
void explain_json(const struct explain_round *round,
    const struct explain_port *ports, size_t count,
    const struct readiness *readiness, struct buf *out);

const char *port_state_word(enum port_state state);

#endif
