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

#include <stdbool.h>

#include "collector/verdict/evidence/evidence.h"
#include "collector/verdict/evidence/model.h"

#define HEALTH_OFF       .01
#define HEALTH_OFF_VOTES 2

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

/* The votes of one network, one a day. 0 or -ENOMEM. */
int health_learn(struct health *health, const struct evidence *evidence);

/* Those of the days from `from` on and before `until`. 0 or -ENOMEM. */
int health_learn_days(struct health *health, const struct evidence *evidence,
    int32_t from, int32_t until);

/* Take back what was learned of equal evidence. 0 or -ENOMEM. */
int health_unlearn_days(struct health *health, const struct evidence *evidence,
    int32_t from, int32_t until);

/* Make `to`, zeroed or initialised, the same as `from`. 0 or -ENOMEM. */
int health_copy(struct health *to, const struct health *from);

/* Make those endpoints the same for which `days` has any; `to` was a copy of
 * what `from` was on the same day. 0 or -ENOMEM. */
int health_copy_some(
    struct health *to, const struct health *from, const uint32_t *days);

/* The days, a bit each, on which an endpoint's eps is not what is held; `*off`:
 * on one of them it differs by more than HEALTH_OFF and what HEALTH_OFF_VOTES
 * more votes could move. */
uint32_t health_changed_days(const struct health *held, const struct health *is,
    uint32_t number, bool *off);

/* The series of an endpoint of the network, by its number there; NULL: nobody
 * looked. Valid until the next health_learn(). */
const struct health_series *health_find(const struct health *health,
    const struct evidence *evidence, uint32_t endpoint);

/* eps on a day of the window. */
double health_eps(const struct health *health,
    const struct health_series *series, int32_t day);

void health_free(struct health *health);

#endif
