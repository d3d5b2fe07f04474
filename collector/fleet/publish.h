/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_PUBLISH_H
#define EGRESS25_COLLECTOR_FLEET_PUBLISH_H

/* Making the published view (view/view.h) of a count. Errors as in store.h. */

#include "collector/fleet/networks.h"
#include "collector/fleet/typical.h"
#include "collector/store/store_past.h"
#include "collector/view/view.h"

/* All networks were added to the view as they were before the bound on all
 * accusations: take back what that holds back, and add what the store knows:
 * names, and the days that the view before (NULL: none) does not have. 0 or
 * -errno. */
int publish_complete(struct view *view, const struct view *before,
    const struct judge *judge, struct store *store, struct err *err);

/* Add to each network its typical report, of those that are still stored: the
 * first is of `first_ms`. */
void publish_typical(
    struct view *view, const struct typical *typical, int64_t first_ms);

#endif
