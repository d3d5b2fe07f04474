/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_API_H
#define EGRESS25_COLLECTOR_ROUTES_API_H

/* The reading routes (section 5 of the contract). All are GET. */

#include "collector/threads/server.h"

server_handler api_networks; /* /v1/networks and /v1/networks/{asn} */
server_handler api_measurements;
server_handler api_summary;
server_handler api_endpoints;

#endif
