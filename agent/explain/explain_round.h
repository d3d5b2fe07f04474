/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_EXPLAIN_ROUND_H
#define EGRESS25_AGENT_EXPLAIN_EXPLAIN_ROUND_H

/* A round with its diagnoses. Pure. */

#include "lib/diagnose/diagnose.h"
#include "lib/report/report.h"

/* Ends the name of an endpoint that stands for a domain's MX hosts: "DOMAIN
 * (MX)". */
#define EXPLAIN_MX_MARK " (MX)"

/* A diagnosis and its target (an index into the report). */
struct explain_item {
	size_t target;
	struct diagnosis diagnosis;
};

struct surroundings;

struct explain_round {
	const struct report *report; /* borrowed */
	size_t nreferences; /* of its last targets: nobody asked for them, they
			     * are a second opinion */
	const struct surroundings *surroundings; /* borrowed; NULL: unknown */
	struct explain_item *items;              /* owned */
	size_t count;
};

bool explain_is_reference(
    const struct explain_round *round, const struct explain_item *item);

/* Diagnose every target of the report, its ports in the order 25, 587, 465,
 * others. `endpoints` may be NULL. 0 or -ENOMEM.
 * End with explain_free(). */
struct endpoint_list;
int explain_round(const struct report *report,
    const struct endpoint_list *endpoints, struct explain_round *round);
void explain_free(struct explain_round *round);

/* True: `a` is listed before `b`; 25, 587 and 465 come first. */
bool explain_port_before(uint16_t a, uint16_t b);

#endif
