/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ABOUT_H
#define EGRESS25_COLLECTOR_ROUTES_ABOUT_H

/* GET /v1/about: the version, and the numbers that decide a verdict. */

#include "collector/http/reply.h"

request_handler route_about;

#endif
