/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_HISTORY_H
#define EGRESS25_COLLECTOR_ROUTES_HISTORY_H

/* What was published day by day (contract, section 5): GET /v1/history of
 * several networks, /v1/networks/{asn}/history,
 * /v1/countries/{country}/history. Today is as of now. */

#include "collector/http/reply.h"

request_handler route_history, route_network_history, route_country_history;

#endif
