/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_SIGHTS_H
#define EGRESS25_COLLECTOR_VERDICT_SIGHTS_H

/* At which endpoints the lines of a network failed, and on which days: where
 * an endpoint's health is seen otherwise, these verdicts depend on it. Pure but
 * for the memory that it owns. */

#include "collector/verdict/evidence/health.h"

struct sight {
	uint32_t series; /* the endpoint's number in the health */
	uint32_t days;   /* of the window, a bit each */
};

/* Start from {0}; free `list`. */
struct sights {
	struct sight *list; /* owned */
	uint32_t count;
};

/* They are those of this evidence, which the health has learned. 0 or -ENOMEM.
 */
int sights_note(struct sights *sights, const struct evidence *evidence,
    const struct health *health);

/* The window has moved on by so many days. */
void sights_move(struct sights *sights, int32_t days);

/* Of the days that `days` has for each endpoint's number, those on which a line
 * failed there. */
uint32_t sights_among(const struct sights *sights, const uint32_t *days);

#endif
