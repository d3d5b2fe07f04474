/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_COUNTRIES_H
#define EGRESS25_COLLECTOR_ROUTES_COUNTRIES_H

/* GET /v1/countries, /v1/countries/{country}: the networks of each, counted by
 * state (contract, section 5). */

#include "collector/http/reply.h"

request_handler route_countries;

#endif
