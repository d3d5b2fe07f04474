/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_INGEST_H
#define EGRESS25_COLLECTOR_ROUTES_INGEST_H

/*
 * What agents send: questions for a source proof, and reports. A
 * report is verified, decoded, attributed and diagnosed on the thread that took
 * it, stored by the writer, and acknowledged only after that.
 */

#include "collector/threads/server.h"

server_handler ingest_whoami; /* GET /v1/whoami */
server_handler ingest_report; /* POST /v1/reports */

#endif
