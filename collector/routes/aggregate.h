/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_AGGREGATE_H
#define EGRESS25_COLLECTOR_ROUTES_AGGREGATE_H

#include "collector/http/reply.h"

/* GET /v1/aggregate: measurements by day, network, outcome and so on, two at a
 * time, from the daily rollups. */
request_handler route_aggregate;

#endif
