/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_WHOAMI_H
#define EGRESS25_COLLECTOR_ROUTES_WHOAMI_H

/* GET /v1/whoami: the address that the request came from, and its network if
 * the geo data know it; for an agent that signs it, also a source proof
 * (proof.h) of that address. */

#include "collector/http/reply.h"

request_handler route_whoami;

#endif
