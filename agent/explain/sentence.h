/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_EXPLAIN_SENTENCE_H
#define EGRESS25_AGENT_EXPLAIN_SENTENCE_H

/* Builds a sentence in a fixed buffer. Pure. */

#include "agent/explain/explain_select.h"

#define SENTENCE_NAMES_MOST 3 /* in one list; the others are counted */

/* `out` has `size` bytes; text that does not fit is cut. */
struct sentence {
	char *out;
	size_t size, length;
};

void sentence_add(struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append the names of the endpoints of `of`, each once, as "a, b and 3 more".
 * Returns how many there are. An endpoint has one name however many addresses
 * it has, unless some of them are in `against` (which may be NULL): then each
 * address is named.
 */
size_t sentence_add_names(struct sentence *sentence,
    const struct explain_selection *of,
    const struct explain_selection *against);

/* " over IPv4" if all of them are. */
void sentence_add_family(
    struct sentence *sentence, const struct explain_selection *of);

#endif
