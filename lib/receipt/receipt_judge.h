/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_RECEIPT_RECEIPT_JUDGE_H
#define EGRESS25_LIB_RECEIPT_RECEIPT_JUDGE_H

/*
 * What the receipts of a report are worth: the agent asks before it diagnoses
 * for its user, the collector before it does for everyone. Whether a client's
 * address is the agent's own is not asked here (collector/intake/receipts.h).
 */

#include "lib/receipt/receipt.h"
#include "lib/report/endpoint_known.h"
#include "lib/report/observe.h"

/* How far a receipt's time may be from its target's: a visit lasts, and clocks
 * differ. */
#define RECEIPT_BEFORE_MS (5 * 60 * 1000)
#define RECEIPT_AFTER_MS  (60 * 60 * 1000)

/* Judge the receipts of all of the target's probes by the endpoint's keys.
 * Where none is known, all are RECEIPT_NONE. */
void receipt_judge(
    struct target_seen *target, const struct endpoint_known *known);

#endif
