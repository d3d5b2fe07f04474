/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_VERDICT_H
#define EGRESS25_COLLECTOR_VERDICT_VERDICT_H

/*
 * From rollups to the state of a network = (ASN, family, port). Pure: the
 * same rows and the same time give the same verdict, to the byte. What the
 * rows do not settle is `insufficient`, never `filtered`.
 */

#include "collector/record/network.h"

/*
 * Decide one network. `rows` are all of one (asn, family, port), at least one;
 * they are sorted in place. Rows after `now_ms`, and those too old to say
 * anything about today, are passed over. 0, or -ENOMEM for its scratch table
 * of vantage points.
 *
 * A vantage point counts by what its latest day says: filtered (or
 * intercepted) if at least two endpoints say so and none was reached; open if
 * one was reached and none says otherwise. It counts once, in the prefix of
 * that day, however often its address changed. What was done in the host or the
 * home router convicts no network. The confidence is the lower end of the
 * blocked share (Wilson, 95 %) for filtered and intercepted, one less its
 * upper end for open, one less its width for the other states, and 0 for
 * insufficient.
 */
int verdict_decide(struct rollup_row *rows, size_t count, int64_t now_ms,
    struct network_verdict *verdict);

#endif
