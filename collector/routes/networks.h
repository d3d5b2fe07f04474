/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_NETWORKS_H
#define EGRESS25_COLLECTOR_ROUTES_NETWORKS_H

/* GET /v1/networks, /v1/networks/{asn}: the state of each network (contract,
 * section 5). */

#include "collector/http/reply.h"

request_handler route_networks, route_network;

#endif
