/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_BEACON_VISIT_H
#define EGRESS25_COLLECTOR_INTAKE_BEACON_VISIT_H

#include "lib/report/endpoint_known.h"
#include "lib/report/observe.h"
#include "lib/report/outcome.h"

/*
 * Does what a visit says of a port count? Of other endpoints than beacons it
 * does. At a beacon, whose receipts have been checked (receipts.h), a port is
 * `reachable` only with a right receipt of its own: nobody else can make one.
 * Where EHLO was answered and no receipt of the visit is right, nothing of it
 * counts, either way: the listed key may be old, a clock wrong, or the agent
 * behind another uplink, and failures alone would then look like a filter.
 */
bool beacon_visit_counts(const struct target_seen *target,
    const struct endpoint_known *known, uint16_t port, enum outcome outcome);

#endif
