/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_SUMMARY_H
#define EGRESS25_COLLECTOR_ROUTES_SUMMARY_H

/* GET /v1/summary: the totals of what is published (contract, section 5). */

#include "collector/http/reply.h"

request_handler route_summary;

#endif
