/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/beacon_visit.h"

static bool has_right(const struct target_seen *target, uint16_t port)
{
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == port &&
		    target->probes[i].receipt.worth == RECEIPT_RIGHT)
			return true;
	return false;
}

/* EHLO was answered somewhere, and no receipt is right. */
static bool is_unproved(const struct target_seen *target)
{
	bool answered = false;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		if (target->probes[i].receipt.worth == RECEIPT_RIGHT)
			return false;
		answered |= target->probes[i].receipt.worth != RECEIPT_NONE;
	}
	return answered;
}

bool beacon_visit_counts(const struct target_seen *target,
    const struct endpoint_known *known, uint16_t port, enum outcome outcome)
{
	if (known->nreceipt_keys == 0)
		return true;
	if (outcome == OUTCOME_REACHABLE)
		return has_right(target, port);
	return !is_unproved(target);
}
