/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ADMIN_H
#define EGRESS25_COLLECTOR_ROUTES_ADMIN_H

/* The routes of the admin listener; they read state of the main thread. */

#include "collector/http/reply.h"

/* GET /healthz: the process runs. */
request_handler route_healthz;

/* GET /readyz: 503 with the reason if no more should be sent here (ready.h). */
request_handler route_readyz;

/* GET /metrics: in Prometheus text format (metrics.h). */
request_handler route_metrics;

/* 404 for everything else. */
request_handler route_not_found;

#endif
