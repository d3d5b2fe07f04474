/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_PAGES_H
#define EGRESS25_COLLECTOR_ROUTES_PAGES_H

/* All paths that no route has: the pages (collector/pages/pages.h) if the
 * settings serve them; else 404. */

#include "collector/http/reply.h"

request_handler route_pages;

#endif
