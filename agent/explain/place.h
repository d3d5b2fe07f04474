/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PLACE_H
#define EGRESS25_AGENT_EXPLAIN_PLACE_H

/* The place of a diagnosis in words. Pure. */

#include "agent/explain/sentence.h"

/* Append the place of `most`, as " after hop 2 (192.0.2.1), ...", with that
 * hop's address on the path of each item of `of` that has the same place.
 * Nothing if the place is unknown. */
void place_add(struct sentence *sentence, const struct explain_selection *of,
    const struct diagnosis *most);

/* In the farther half of the path, which is not taken for the provider's. */
bool place_is_far(const struct diagnosis *diagnosis);

/* What place_add() says in short, for a cell of the table; "" if not known. */
void place_short(const struct diagnosis *diagnosis, char *out, size_t size);

#endif
