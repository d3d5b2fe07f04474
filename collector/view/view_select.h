/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VIEW_VIEW_SELECT_H
#define EGRESS25_COLLECTOR_VIEW_VIEW_SELECT_H

/* Which networks a list has. Pure. */

#include "collector/view/view.h"

/* Does a network pass what was asked for? */
bool view_wants(const struct view *view, const struct view_network *network,
    const struct query *query);

/* How many do. */
size_t view_count(const struct view *view, const struct query *query);

#endif
