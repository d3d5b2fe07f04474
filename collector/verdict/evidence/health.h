/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_HEALTH_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_HEALTH_H

/*
 * How well each endpoint was on each day (doc/verdict.md, section 4): the
 * chance, called eps, that it fails a line that is open. All networks together
 * say it, and each has one vote: the mean over its lines that reached another
 * endpoint on that day.
 *
 * The votes are summed in whole numbers, so the order of the networks does not
 * matter. Pure but for the memory that it owns.
 */

#include "collector/verdict/evidence/evidence.h"
#include "collector/verdict/evidence/model.h"

/* One endpoint, seen over one family and port. */
struct health_series {
	int64_t failed[MODEL_WINDOW]; /* in units of 2^-44 */
	int32_t votes[MODEL_WINDOW];
};

struct health {
	int32_t begin;                /* first day of the window */
	struct names names;           /* "FAMILY PORT ENDPOINT" */
	struct health_series *series; /* owned: by number */
};

/* Nobody has voted yet; release with health_free(). */
void health_init(struct health *health, int32_t today);

/* It is `today`, which is not earlier: the window has moved on. */
void health_advance(struct health *health, int32_t today);

/* The vote of one network. 0 or -ENOMEM. */
int health_learn(struct health *health, const struct evidence *evidence);

/* Take back what health_learn() learned of equal evidence. 0 or -ENOMEM. */
int health_unlearn(struct health *health, const struct evidence *evidence);

/* Make `to`, zeroed or initialised, the same as `from`. 0 or -ENOMEM. */
int health_copy(struct health *to, const struct health *from);

/* The series of an endpoint of the network, by its number there; NULL: nobody
 * looked. Valid until the next health_learn(). */
const struct health_series *health_find(const struct health *health,
    const struct evidence *evidence, uint32_t endpoint);

/* eps on a day of the window. */
double health_eps(const struct health *health,
    const struct health_series *series, int32_t day);

void health_free(struct health *health);

#endif
