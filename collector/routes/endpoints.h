/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ENDPOINTS_H
#define EGRESS25_COLLECTOR_ROUTES_ENDPOINTS_H

/* GET /v1/endpoints: the endpoints that this collector plans for (contract,
 * section 5). */

#include "collector/http/reply.h"

request_handler route_endpoints;

#endif
