/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_MEASUREMENTS_H
#define EGRESS25_COLLECTOR_ROUTES_MEASUREMENTS_H

/* GET /v1/measurements: single measurements, the newest first (contract,
 * section 5). */

#include "collector/http/reply.h"

request_handler route_measurements;

#endif
