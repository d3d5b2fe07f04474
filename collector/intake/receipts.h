/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_RECEIPTS_H
#define EGRESS25_COLLECTOR_INTAKE_RECEIPTS_H

/*
 * What a collector makes of the receipts in a report: only its own list's keys
 * count, and only for the agent and the network that the report is of.
 */

#include "collector/intake/geo.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"

/* What a report's receipts say of its agent. */
enum receipts_found {
	RECEIPTS_FINE,
	/* No honest agent has such a report: a nonce that is another agent's,
	 * the same one twice, or a receipt without a dialogue. */
	RECEIPTS_FALSE,
	/* Nor can anybody but the agent be at fault: of two beacons of
	 * different owners in different networks (owner.h) it has a right
	 * receipt, which comes with the reply to EHLO, and says of both
	 * dialogues that there was no such reply. */
	RECEIPTS_BRAND,
};

/*
 * Judge them all (receipt_judge.h); a right one whose client is in another
 * network than the source proof of its family is RECEIPT_OTHER_SOURCE: no lie,
 * since a host may have several ways out, but no proof either.
 *
 * One of enum receipts_found, or -ENOMEM. SYNs that a beacon saw refute
 * nothing: replies may be filtered.
 */
int receipts_check(struct report *report, const struct endpoint_list *endpoints,
    const uint8_t *secret, struct geo *geo);

#endif
