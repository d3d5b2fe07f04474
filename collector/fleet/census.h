/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_CENSUS_H
#define EGRESS25_COLLECTOR_FLEET_CENSUS_H

/*
 * A thread that counts the fleet from time to time, out of the store alone, so
 * that every collector in front of the same store counts the same: who is
 * there, which networks are unsettled, and which endpoints offer STARTTLS.
 */

#include "collector/fleet/fleet.h"
#include "collector/health/metrics.h"
#include "collector/intake/baseline.h"
#include "collector/store/store.h"
#include "lib/sign/sign.h"

struct census;

/* What was counted; it does not change while it is held. */
struct census_view {
	struct fleet fleet;
	struct baseline_names starttls;    /* endpoints that offer it */
	struct metrics_durations censuses; /* this one and those before it */
	size_t holders;                    /* the census's lock guards it */
};

/* `settings` is of a store to read. */
int census_start(const struct store_settings *settings,
    const uint8_t secret[SIGN_SECRET_SIZE], struct census **census,
    struct err *err);

/* The latest view, from any thread; NULL: nothing was counted yet. */
const struct census_view *census_hold(struct census *census);
void census_drop(struct census *census, const struct census_view *view);

/* End the thread; all views must have been dropped. NULL is allowed. */
void census_stop(struct census *census);

#endif
