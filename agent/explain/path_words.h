/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PATH_WORDS_H
#define EGRESS25_AGENT_EXPLAIN_PATH_WORDS_H

/* What stands beside a lane of the path picture: the words of the pages
 * (dashboards/web/src/path/lane.js). Pure. */

#include "agent/explain/explain_round.h"
#include "lib/base/buf.h"

/* Append what is done to a port, and where, or how far it gets. */
void path_words_add(const struct explain_round *round,
    const struct explain_item *item, struct buf *out);

/* The same of a control port, by its last attempt. */
void path_words_add_control(const struct probe_seen *probe, struct buf *out);

#endif
