/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_STATUS_TEXT_H
#define EGRESS25_AGENT_SERVICE_STATUS_TEXT_H

#include "agent/service/status.h"

/* Append the status for a person. `running`: its process is there. Times are
 * told as how long ago they are at `now_ms`, of the wall clock. Pure. */
void status_text(
    const struct status *status, bool running, int64_t now_ms, struct buf *out);

#endif
