/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_EVENTS_H
#define EGRESS25_COLLECTOR_ROUTES_EVENTS_H

/* GET /v1/events: what became filtered or open, and when (contract, section 5);
 * /v1/events.atom: the same as a feed (RFC 4287). */

#include "collector/http/reply.h"

request_handler route_events, route_events_atom;

#endif
