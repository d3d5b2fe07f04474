/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_ORDER_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_ORDER_H

/* The orders that lists of networks are asked for in. Pure but for the memory
 * that the view owns. */

#include "collector/view/view.h"

/* Sort all networks in each of them, and count their ASes, once. 0 or -ENOMEM.
 */
int view_order(struct view *view);

/* The network that stands at this place of an order. */
const struct view_network *view_at(
    const struct view *view, enum query_sort sort, size_t place);

/* The place after a network: where a list goes on. */
size_t view_place_after(
    const struct view *view, enum query_sort sort, const struct query_key *key);

#endif
