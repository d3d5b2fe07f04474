/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_PLACE_H
#define EGRESS25_LIB_DIAGNOSE_PLACE_H

/* Where on the path it was done: after which hop, and before which. */

#include "lib/diagnose/host_proof.h"
#include "lib/diagnose/view.h"

/* It was done after hop `after` and before hop `before` (or OBSERVE_ABSENT).
 * After hop 0 it is this host's doing only if `proof` proves it: then the
 * outcome becomes OUTCOME_LOCAL. */
void place_between(const struct view *view, struct diagnosis *out, int after,
    int before, enum host_proof proof);

/* An answer came at `ttl`, from nearer than the endpoint. Where the port's
 * packets get another destination on this host or at hop 1
 * (looks_translated_at_once()), it is after hop 0, this host's doing or not. */
void place_early(const struct view *view, struct diagnosis *out, int ttl);

/* The first TTL from `ttl` on at which another port was answered, or
 * OBSERVE_ABSENT. */
int place_before(const struct view *view, int ttl);

/* It surely does not get out, and no hop tells where it stops. */
void place_unseen(
    const struct view *view, struct diagnosis *out, enum host_proof proof);

/* The last hop before the endpoint answered, which is that far away. */
void place_far_end(
    const struct view *view, struct diagnosis *out, int distance);

#endif
