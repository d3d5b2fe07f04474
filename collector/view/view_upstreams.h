/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_UPSTREAMS_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_UPSTREAMS_H

/* The ASes behind which networks of a view are stopped: what many networks
 * share is said of the one that they share. Pure but for the memory that the
 * caller gets. */

#include "collector/record/format_upstream.h"
#include "collector/view/view.h"

/* All of them, by AS, family and port. The list is for the caller to free. 0
 * or -ENOMEM. */
int view_list_upstreams(
    const struct view *view, struct upstream_record **list, size_t *count);

#endif
