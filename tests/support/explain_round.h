/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_EXPLAIN_ROUND_H
#define EGRESS25_TESTS_SUPPORT_EXPLAIN_ROUND_H

#include "agent/explain/explain.h"

/*
 * A diagnosed round from text: "mx1 4 25 drop@2; mx1#2 6 587 open" - an
 * endpoint (and which of its addresses), the family, the port, the mechanism,
 * and behind @ the hop after which: 0 is the host, 1 the home router, 4 the
 * last one before the endpoint, which is 5 hops away; 2-5 means before hop 5,
 * path-3 that the first hops are silent, and a word is a place without a hop.
 * A word behind = says what DNS said of the target. A + behind the mechanism
 * takes the reachable for plaintext, and the stopped for traced only by
 * hop, not by distance. The mechanism "control" is a control port that
 * connects, "control-silent" one that does not; "counted" is a handshake
 * behind a dialogue.
 */
void explain_round_make(
    struct explain_round *round, struct report *report, const char *text);

void explain_round_drop(struct explain_round *round, struct report *report);

#endif
