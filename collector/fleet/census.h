/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_CENSUS_H
#define EGRESS25_COLLECTOR_FLEET_CENSUS_H

/*
 * A thread that counts the fleet from time to time: which agents are active,
 * which networks are unsettled, which endpoints offer STARTTLS. All of it comes
 * from the store, so that all collectors with the same store count alike. What
 * it finds published it keeps in the store (past.h).
 */

#include "collector/fleet/counts.h"
#include "collector/fleet/fleet.h"
#include "collector/health/metrics.h"
#include "collector/intake/baseline.h"
#include "collector/store/store.h"
#include "collector/view/view.h"
#include "lib/sign/sign.h"

struct census;

/* One count. It does not change while it is held. */
struct census_view {
	struct fleet fleet;
	struct view *published;
	struct store_totals totals;        /* of what it was counted from */
	struct counts counts;              /* of the view's networks */
	struct baseline_names starttls;    /* endpoints that offer it */
	struct metrics_durations censuses; /* this one and those before it */
	int64_t differing; /* verdicts that were not those of all rows */
	size_t holders;    /* guarded by the census's lock */
};

/* Start the thread, with a handle of its own on the store; `settings` are
 * read-only. 0 or -errno. */
int census_start(const struct store_settings *settings,
    const uint8_t secret[SIGN_SECRET_SIZE], struct census **census,
    struct err *err);

/* The latest count; NULL: there is none yet. From any thread; release it with
 * census_drop(). */
const struct census_view *census_hold(struct census *census);

/* Release a view. NULL is allowed. */
void census_drop(struct census *census, const struct census_view *view);

/* End the thread. All views must have been dropped. NULL is allowed. */
void census_stop(struct census *census);

#endif
