/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_PATIENCE_H
#define EGRESS25_AGENT_MEASURE_VISIT_PATIENCE_H

/*
 * How long a visit waits for a greeting: until shortly before its end, which
 * leaves time for traces. A port that may want TLS first is given a few
 * seconds, then TLS first, and then what is left. A greeting that was waited
 * for at length is waited for again, briefly, to see that it was no loss. Pure.
 */

#include "agent/measure/visit_state.h"

/* For the next attempt on port `index`, which is about to begin; at most
 * `patience_ms`. */
int visit_patience_banner_ms(const struct visit_plan *plan, size_t index,
    int patience_ms, int64_t now_us);

/* A first SYN of it was answered, here or else at another address: it is not
 * that all of them are dropped, and their repeats pass. */
bool visit_patience_passes_at_once(const struct visit_port *port);

/* How long the connect of a port may take that is counted, or was: one repeated
 * SYN, after 1.0 to 1.1 s, and its answer. Where many pass, that is no more
 * than three times what an answer took; and one SYN is enough where other
 * endpoints are asked, which tell together, and where a first one was answered:
 * boxes drop it, and let its repeat pass. Where few do, a limit of so many
 * SYNs a minute would look like a port that is shut after the first one. */
int visit_patience_counting_ms(
    const struct visit_plan *plan, const struct visit_port *port);

/* Whether that attempt has all the patience that there is. */
bool visit_patience_is_full(const struct visit_port *port);

/* Whether a port that said nothing can be given another turn. */
bool visit_patience_is_left(const struct visit_plan *plan,
    const struct visit_port *port, int64_t now_us);

#endif
