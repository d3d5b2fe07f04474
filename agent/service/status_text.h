/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUS_TEXT_H
#define EGRESS25_AGENT_SERVICE_STATUS_TEXT_H

#include "agent/service/status.h"
#include "lib/base/buf.h"

/* Append the status as text for a person. `running`: its process is alive.
 * Times are printed as ages at `now_ms` (wall clock). Pure. */
void status_text(
    const struct status *status, bool running, int64_t now_ms, struct buf *out);

#endif
