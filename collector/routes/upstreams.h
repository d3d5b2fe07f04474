/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_UPSTREAMS_H
#define EGRESS25_COLLECTOR_ROUTES_UPSTREAMS_H

/* GET /v1/upstreams: the ASes behind which networks are stopped (contract,
 * section 5). */

#include "collector/http/reply.h"

request_handler route_upstreams;

#endif
