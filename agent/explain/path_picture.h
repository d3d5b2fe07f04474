/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PATH_PICTURE_H
#define EGRESS25_AGENT_EXPLAIN_PATH_PICTURE_H

/* How far each port gets, in characters: the same picture as on the pages. */

#include "agent/explain/explain_round.h"
#include "lib/base/buf.h"

/* Append a lane for each port of the first target where one is stopped, control
 * ports last, hop by hop, with a wall (#) where it stops, or a mark (@) where
 * somebody else answers, and the pages' words beside it. No hop is made up:
 * nothing is appended where no port is stopped or the endpoint's distance is
 * not known. Pure. */
void path_picture_add(const struct explain_round *round, struct buf *out);

#endif
