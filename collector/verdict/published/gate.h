/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_PUBLISHED_GATE_H
#define EGRESS25_COLLECTOR_VERDICT_PUBLISHED_GATE_H

/*
 * The bound on all accusations together (doc/verdict.md, section 7): the surest
 * are kept while the mean chance of being wrong is within MODEL_GATE. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gate_accusation {
	double wrong; /* P(open) */
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	size_t number;     /* the caller's own */
	uint32_t upstream; /* the AS that it is said of instead; or 0 */
	bool is_held_back; /* the answer */
};

/* Sort them, the surest first, and answer for each. Returns the sum of P(open)
 * of those that are kept: how many of them are expected to be wrong. */
double gate_close(struct gate_accusation *accusations, size_t count);

#endif
