/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORT_PUBLIC_H
#define EGRESS25_COLLECTOR_ROUTES_REPORT_PUBLIC_H

/* GET /v1/reports/{id}: what one vantage point saw in one round, in its public
 * form: pseudonym and prefix, no address of its own, nothing of its LAN. */

#include "collector/http/reply.h"

request_handler route_report;

#endif
