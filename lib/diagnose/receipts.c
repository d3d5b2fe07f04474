/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/receipts.h"

#include <string.h>

/* A customer's addresses, of which a NAT may use several. */
#define PREFIX4 24
#define PREFIX6 48

/* EHLO was answered, and not with this beacon's receipt for it. */
static bool is_lacking(enum receipt_worth worth)
{
	return worth == RECEIPT_MISSING || worth == RECEIPT_SPOILED ||
	       worth == RECEIPT_OTHER_NONCE || worth == RECEIPT_OTHER_PORT ||
	       worth == RECEIPT_OTHER_EHLO;
}

/* An order, so that the choice does not hang on that of the attempts. */
static bool comes_first(
    const struct receipt_seen *a, const struct receipt_seen *b)
{
	if (a->hops != b->hops)
		return a->hops > b->hops;
	return memcmp(&a->client, &b->client, sizeof(a->client)) < 0;
}

/* Of that port, or of any other one. */
static const struct receipt_seen *find_right(
    const struct evidence *evidence, uint16_t port, bool other)
{
	const struct target_seen *target = evidence->target;
	const struct receipt_seen *found = NULL, *receipt;
	size_t i;

	for (i = 0; evidence->receipts && i < target->nprobes; i++) {
		receipt = &target->probes[i].receipt;
		if (receipt->worth == RECEIPT_RIGHT &&
		    (target->probes[i].port == port) != other &&
		    (found == NULL || comes_first(receipt, found)))
			found = receipt;
	}
	return found;
}

const struct receipt_seen *receipts_right(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return find_right(evidence, port->port, false);
}

static bool lacks_one(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct target_seen *target = evidence->target;
	size_t i;

	if (!evidence->receipts || receipts_right(evidence, port) != NULL)
		return false;
	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == port->port &&
		    is_lacking(target->probes[i].receipt.worth))
			return true;
	return false;
}

bool receipts_lack(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return lacks_one(evidence, port) &&
	       find_right(evidence, port->port, true) != NULL;
}

bool receipts_lack_all(
    const struct evidence *evidence, const struct port_evidence *port)
{
	return lacks_one(evidence, port) &&
	       find_right(evidence, port->port, true) == NULL;
}

bool receipts_ehlo_differs(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct target_seen *target = evidence->target;
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == port->port &&
		    target->probes[i].receipt.worth == RECEIPT_OTHER_EHLO)
			return true;
	return false;
}

static bool is_one_place(const struct addr *a, const struct addr *b)
{
	unsigned bits = a->family == 4 ? PREFIX4 : PREFIX6;
	struct addr first = addr_mask(a, bits), second = addr_mask(b, bits);

	return addr_equal(&first, &second);
}

bool receipts_way_differs(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct receipt_seen *own = receipts_right(evidence, port);
	const struct receipt_seen *other = find_right(
	    evidence, port->port, true);

	if (own == NULL || other == NULL)
		return false;
	return !is_one_place(&own->client, &other->client) ||
	       (own->hops != 0 && other->hops != 0 && own->hops != other->hops);
}
