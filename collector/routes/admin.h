/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ADMIN_H
#define EGRESS25_COLLECTOR_ROUTES_ADMIN_H

/* The admin's routes: /healthz, /readyz (ready.h), /metrics (metrics.h).
 * For the main thread's loop. */

#include "collector/http/listener.h"

extern const struct route admin_routes[];

#endif
