/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_DUMPS_PAGE_H
#define EGRESS25_COLLECTOR_ROUTES_DUMPS_PAGE_H

/* GET /data/, /data/{year}/, ... /{day}/: links to what is in each folder of
 * the daily files, for who reads them. */

#include "collector/http/reply.h"

request_handler route_dumps;

#endif
