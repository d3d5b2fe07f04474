/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_RULES_TEXT_H
#define EGRESS25_AGENT_EXPLAIN_RULES_TEXT_H

#include "agent/explain/explain_round.h"
#include "lib/base/buf.h"

/* Append an empty line, and for each diagnosis the rule that decided it and its
 * evidence. Nothing if there is no diagnosis. Pure. */
void rules_text_add(const struct explain_round *round, struct buf *out);

#endif
