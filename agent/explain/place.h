/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_PLACE_H
#define EGRESS25_AGENT_EXPLAIN_PLACE_H

/* Where something was done to a port, in words. Pure. */

#include "agent/explain/sentence.h"

/* " after hop 2 (192.0.2.1), ...": the place that `most` has, with the address
 * of the hop on the path of each of `of` that has the same. Nothing if the
 * place is not known. */
void place_add(struct sentence *sentence, const struct explain_selection *of,
    const struct diagnosis *most);

/* The same in short, for a cell of the table; "" if not known. */
void place_short(const struct diagnosis *diagnosis, char *out, size_t size);

#endif
