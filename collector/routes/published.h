/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_PUBLISHED_H
#define EGRESS25_COLLECTOR_ROUTES_PUBLISHED_H

/* The view that answers are made from: nobody waits for a verdict. */

#include "collector/fleet/census.h"
#include "collector/http/reply.h"

/* Hold the latest count; release it with census_drop(). NULL: the first one is
 * still under way, and the reply is 503. */
const struct census_view *published_hold(
    struct server *server, struct reply *reply);

#endif
