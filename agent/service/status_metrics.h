/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUS_METRICS_H
#define EGRESS25_AGENT_SERVICE_STATUS_METRICS_H

/*
 * The status in Prometheus's text format, for the textfile collector of
 * node_exporter: names begin with egress25_agent_. Pure.
 */

#include "agent/service/status.h"
#include "lib/base/buf.h"

/* Append all of them. `status` NULL: no agent has run here. `running`: its
 * process is alive. */
void status_metrics(const struct status *status, bool running, struct buf *out);

#endif
