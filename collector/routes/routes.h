/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ROUTES_H
#define EGRESS25_COLLECTOR_ROUTES_ROUTES_H

#include "collector/threads/dispatch.h"

/* The API: all routes of the public listener but the pages. */
extern const struct route routes_list[];

/* The routes of the public listener: the API and the pages. */
extern const struct route_table routes_public;

/* The routes of the admin listener. */
extern const struct route_table routes_admin;

#endif
