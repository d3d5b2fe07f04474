/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORTS_H
#define EGRESS25_COLLECTOR_ROUTES_REPORTS_H

#include "collector/threads/dispatch.h"

/* POST /v1/reports: verify a report's signature, decode, attribute and diagnose
 * it; the writer stores it, and only then is it acknowledged (contract, section
 * 4). */
post_handler route_reports;

#endif
