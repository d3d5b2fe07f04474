/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_NETWORKS_COLUMNS_H
#define EGRESS25_COLLECTOR_ROUTES_NETWORKS_COLUMNS_H

/* Networks for a table of all: a row an AS and family, columns as arrays. */

#include "collector/http/reply.h"
#include "collector/view/view.h"

/* Reply with the rows of which a network passes the query. */
void networks_columns(
    const struct view *view, const struct query *query, struct reply *reply);

#endif
