/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_VERDICT_H
#define EGRESS25_COLLECTOR_VERDICT_VERDICT_H

/*
 * From rollups to the state of a network, which is an (ASN, family, port).
 * Pure: the same rows and the same time give the same verdict, to the byte.
 * Evidence that does not settle it gives `insufficient`, never `filtered`.
 */

#include "collector/record/network.h"

/* Rows that ended longer ago say nothing about today. */
#define VERDICT_DAYS 14

/* Move the rows of the VERDICT_DAYS before `now_ms` to the front, in their
 * order, and return how many they are. */
size_t verdict_keep_window(
    struct rollup_row *rows, size_t count, int64_t now_ms);

/*
 * Decide one network by its rows, at least one, all of one (asn, family,
 * port); those outside the window do not count. The rows are reordered in
 * place. 0, or -ENOMEM.
 *
 * A vantage point counts by its latest day: as filtered (or intercepted) if at
 * least two endpoints were filtered (or intercepted) and none was reached; as
 * open if one was reached and none was filtered or intercepted. It counts once,
 * in its prefix of that day, however often its address changed. What the host
 * or the home router did, or may have done, convicts no network.
 *
 * The confidence is the lower bound of the blocked share (Wilson, 95 %) for
 * filtered and intercepted, 1 minus the upper bound for open, 1 minus the width
 * of the interval for other states, and 0 for insufficient.
 */
int verdict_decide(struct rollup_row *rows, size_t count, int64_t now_ms,
    struct network_verdict *verdict);

#endif
