/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/receipts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/proof.h"
#include "lib/diagnose/owner.h"
#include "lib/receipt/receipt_judge.h"
#include "lib/receipt/receipt_nonce.h"

#define PREFIX4 24
#define PREFIX6 48

/* Where one family's connections come from, as this collector saw it. */
struct source {
	struct addr address; /* absent: not proved */
	uint32_t asn;        /* 0: unknown */
};

static uint32_t asn_of(struct geo *geo, const struct addr *address)
{
	struct geo_found found;

	geo_lookup(geo, address, &found);
	return found.asn;
}

static void find_source(const struct report *report,
    const struct source_seen *seen, const uint8_t *secret, struct geo *geo,
    struct source *source)
{
	int64_t expires_s;

	memset(source, 0, sizeof(*source));
	if (seen->address.family == 0 ||
	    !proof_read(
		secret, report->agent, &seen->address, seen->proof, &expires_s))
		return;
	source->address = seen->address;
	source->asn = asn_of(geo, &seen->address);
}

/* A NAT has several addresses: of one prefix, or of one network. */
static bool is_from(
    const struct source *source, const struct addr *client, struct geo *geo)
{
	unsigned bits = client->family == 4 ? PREFIX4 : PREFIX6;
	struct addr a = addr_mask(client, bits);
	struct addr b = addr_mask(&source->address, bits);

	if (client->family != source->address.family)
		return false;
	return addr_equal(&a, &b) ||
	       (source->asn != 0 && asn_of(geo, client) == source->asn);
}

/* A receipt comes with the reply to EHLO. */
static bool is_told(const struct probe_seen *probe)
{
	return probe->receipt.said[0] == '\0' ||
	       probe->ended >=
		   (probe->mode == MODE_TLS ? STAGE_EHLO_TLS : STAGE_EHLO);
}

static int compare_nonces(const void *a, const void *b)
{
	return memcmp(a, b, RECEIPT_NONCE_SIZE);
}

static bool has_twin(uint8_t (*nonces)[RECEIPT_NONCE_SIZE], size_t count)
{
	size_t i;

	qsort(nonces, count, sizeof(*nonces), compare_nonces);
	for (i = 1; i < count; i++)
		if (compare_nonces(nonces[i - 1], nonces[i]) == 0)
			return true;
	return false;
}

/* Those of one target. Returns whether an honest agent can have them. */
static bool take_target(const struct report *report,
    const struct target_seen *target, uint8_t (*nonces)[RECEIPT_NONCE_SIZE],
    size_t *count)
{
	const struct probe_seen *probe;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (!probe->receipt.asked)
			continue;
		if (!is_told(probe) ||
		    !receipt_nonce_is_of(report->agent, probe->receipt.nonce))
			return false;
		memcpy(nonces[(*count)++], probe->receipt.nonce,
		    RECEIPT_NONCE_SIZE);
	}
	return true;
}

static void judge_target(struct target_seen *target,
    const struct endpoint *endpoint, const struct source *source,
    struct geo *geo)
{
	struct receipt_seen *receipt;
	size_t i;

	receipt_judge(target, &endpoint->known);
	for (i = 0; i < target->nprobes; i++) {
		receipt = &target->probes[i].receipt;
		if (receipt->worth == RECEIPT_RIGHT &&
		    !is_from(source, &receipt->client, geo))
			receipt->worth = RECEIPT_OTHER_SOURCE;
	}
}

/* The endpoint, if it gives receipts. */
static const struct endpoint *find_beacon(
    const struct endpoint_list *endpoints, const struct target_seen *target)
{
	const struct endpoint *endpoint = endpoints_find(
	    endpoints, target->endpoint);

	return endpoint != NULL && endpoint->known.nreceipt_keys > 0 ? endpoint
								     : NULL;
}

/* The probes of beacons. Most reports have none. */
static size_t count_to_judge(
    const struct report *report, const struct endpoint_list *endpoints)
{
	size_t i, count = 0;

	for (i = 0; i < report->ntargets; i++)
		if (find_beacon(endpoints, &report->targets[i]) != NULL)
			count += report->targets[i].nprobes;
	return count;
}

/* --- what brands an agent --- */

/* What a denied dialogue's target is by the collector's own list. */
struct denied {
	struct target_seen target; /* without its probes */
	struct endpoint_known known;
};

/* The beacon signed its reply to EHLO, and the agent says that none came. */
static bool denies_one(const struct target_seen *target)
{
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].receipt.worth == RECEIPT_RIGHT &&
		    !is_told(&target->probes[i]))
			return true;
	return false;
}

static void note_denied(const struct target_seen *target,
    const struct endpoint *endpoint, struct geo *geo, struct denied *denied)
{
	memset(denied, 0, sizeof(*denied));
	memcpy(denied->target.endpoint, target->endpoint,
	    sizeof(target->endpoint));
	snprintf(denied->target.host, sizeof(denied->target.host), "%s",
	    endpoint->host);
	denied->target.address = target->address;
	denied->target.family = target->family;
	denied->known = endpoint->known;
	denied->known.asn = asn_of(geo, &target->address);
}

static bool are_two_apart(const struct denied *denied, size_t count)
{
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < i; k++)
			if (owner_differs_of_beacons(&denied[i].target,
				&denied[i].known, &denied[k].target,
				&denied[k].known))
				return true;
	return false;
}

/* Of a report whose receipts are judged. 1, 0 or -ENOMEM. */
static int brands(const struct report *report,
    const struct endpoint_list *endpoints, struct geo *geo)
{
	struct denied *denied = malloc(
	    (report->ntargets + 1) * sizeof(*denied));
	const struct endpoint *endpoint;
	size_t i, count = 0;
	bool two;

	if (denied == NULL)
		return -ENOMEM;
	for (i = 0; i < report->ntargets; i++) {
		endpoint = find_beacon(endpoints, &report->targets[i]);
		if (endpoint != NULL && denies_one(&report->targets[i]))
			note_denied(&report->targets[i], endpoint, geo,
			    &denied[count++]);
	}
	two = are_two_apart(denied, count);
	free(denied);
	return two;
}

int receipts_check(struct report *report, const struct endpoint_list *endpoints,
    const uint8_t *secret, struct geo *geo)
{
	uint8_t(*nonces)[RECEIPT_NONCE_SIZE];
	struct source source4, source6;
	const struct endpoint *endpoint;
	struct target_seen *target;
	bool honest = true;
	size_t i, count = count_to_judge(report, endpoints);
	int brand;

	if (count == 0)
		return RECEIPTS_FINE;
	nonces = malloc(count * sizeof(*nonces));
	if (nonces == NULL)
		return -ENOMEM;
	find_source(report, &report->source4, secret, geo, &source4);
	find_source(report, &report->source6, secret, geo, &source6);
	for (i = 0, count = 0; i < report->ntargets; i++) {
		target = &report->targets[i];
		endpoint = find_beacon(endpoints, target);
		if (endpoint == NULL)
			continue;
		honest = take_target(report, target, nonces, &count) && honest;
		judge_target(target, endpoint,
		    target->family == 4 ? &source4 : &source6, geo);
	}
	honest = !has_twin(nonces, count) && honest;
	free(nonces);
	if (honest)
		return RECEIPTS_FINE;
	brand = brands(report, endpoints, geo);
	return brand < 0 ? brand : brand > 0 ? RECEIPTS_BRAND : RECEIPTS_FALSE;
}
