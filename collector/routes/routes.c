/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/routes.h"

#include "collector/routes/about.h"
#include "collector/routes/admin.h"
#include "collector/routes/endpoints.h"
#include "collector/routes/enrolment.h"
#include "collector/routes/measurements.h"
#include "collector/routes/networks.h"
#include "collector/routes/pages.h"
#include "collector/routes/plan.h"
#include "collector/routes/reports.h"
#include "collector/routes/summary.h"
#include "collector/routes/whoami.h"

static const struct route public_routes[] = {
    {"/v1/about", .get = route_about, .is_quick = true},
    {"/v1/agents", .post = route_enrol},
    {"/v1/agents/key", .post = route_change_key},
    {"/v1/whoami", .get = route_whoami, .is_quick = true},
    {"/v1/reports", .post = route_reports},
    {"/v1/plan", .get = route_plan, .is_quick = true},
    {"/v1/networks", .get = route_networks, .is_scan = true},
    {"/v1/networks", .get = route_networks, .has_rest = true},
    {"/v1/measurements", .get = route_measurements, .is_scan = true},
    {"/v1/summary", .get = route_summary},
    {"/v1/endpoints", .get = route_endpoints},
    {NULL},
};

static const struct route admin_routes[] = {
    {"/healthz", .get = route_healthz, .is_quick = true},
    {"/readyz", .get = route_readyz, .is_quick = true},
    {"/metrics", .get = route_metrics, .is_quick = true},
    {NULL},
};

const struct route_table routes_public = {public_routes, route_pages};
const struct route_table routes_admin = {admin_routes, route_not_found};
