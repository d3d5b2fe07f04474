/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/identity.h"

#include <string.h>

#include "lib/diagnose/receipts.h"

#define TRIES_FOR_STRIPPED 3
#define MASK_RUN_LEAST     6 /* of X in a keyword, of * in a greeting */

static bool is_masked_keyword(const char *keyword)
{
	size_t run = 0;

	while (keyword[run] == 'X')
		run++;
	return run >= MASK_RUN_LEAST &&
	       (keyword[run] == '\0' || keyword[run + 1] == '\0');
}

/* Nothing but asterisks and what the masking leaves: digits and blanks. */
static bool is_masked_greeting(const char *text)
{
	const char *run = strchr(text, '*');

	return run != NULL && strspn(run, "*") >= MASK_RUN_LEAST &&
	       text[strspn(text, "* 0123456789")] == '\0';
}

static bool is_masked_in_place(const struct smtp_seen *smtp)
{
	size_t i;

	for (i = 0; i < smtp->ncaps; i++)
		if (is_masked_keyword(smtp->caps[i]))
			return true;
	return is_masked_greeting(smtp->text);
}

bool identity_is_masked(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct target_seen *target = evidence->target;
	size_t i;

	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == port->port &&
		    is_masked_in_place(&target->probes[i].smtp))
			return true;
	return false;
}

bool identity_is_known_key(
    const struct endpoint_known *known, const struct tls_seen *tls)
{
	size_t i;

	for (i = 0; i < known->nspki; i++)
		if (memcmp(known->spki_sha256[i], tls->spki_sha256, 32) == 0)
			return true;
	return false;
}

bool identity_key_unknown(
    const struct endpoint_known *known, const struct tls_seen *tls)
{
	return tls->has_spki && known->nspki > 0 &&
	       !identity_is_known_key(known, tls);
}

bool identity_shows_the_endpoint(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	const struct target_seen *target = evidence->target;
	const struct tls_seen *tls;
	size_t i;

	if (receipts_right(evidence, port) != NULL)
		return !receipts_way_differs(evidence, port);
	for (i = 0; i < target->nprobes; i++) {
		tls = &target->probes[i].tls;
		if (target->probes[i].port == port->port && tls->has_spki &&
		    (tls->verify == VERIFY_OK ||
			identity_is_known_key(known, tls)))
			return true;
	}
	return false;
}

const struct port_evidence *identity_port_with_known_key(
    const struct evidence *evidence, const struct endpoint_known *known,
    const struct port_evidence *port)
{
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];

		if (other != port && other->best != NULL &&
		    other->best->tls.has_spki &&
		    identity_is_known_key(known, &other->best->tls))
			return other;
	}
	return NULL;
}

bool identity_foreign_key(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	return port->best != NULL &&
	       identity_key_unknown(known, &port->best->tls) &&
	       identity_port_with_known_key(evidence, known, port) != NULL;
}

bool identity_foreign_key_by_nobody(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	enum tls_verify verify;

	if (!identity_foreign_key(evidence, known, port))
		return false;
	verify = port->best->tls.verify;
	return verify != VERIFY_ABSENT && verify != VERIFY_OK &&
	       verify != VERIFY_EXPIRED && verify != VERIFY_NOT_YET_VALID;
}

/* The beacon's word for a key, beside the one that was shown. */
static bool has_both_keys(const struct probe_seen *probe)
{
	return probe->receipt.worth == RECEIPT_RIGHT &&
	       probe->receipt.has_spki && probe->tls.has_spki;
}

bool identity_is_signed_key(const struct probe_seen *probe)
{
	return has_both_keys(probe) && memcmp(probe->receipt.spki_sha256,
					   probe->tls.spki_sha256, 32) == 0;
}

static bool shows_unsigned_key(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	const struct target_seen *target = evidence->target;
	const struct probe_seen *probe;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port == port->port && has_both_keys(probe) &&
		    !identity_is_signed_key(probe) &&
		    !identity_is_known_key(known, &probe->tls))
			return true;
	}
	return false;
}

bool identity_foreign_key_at_beacon(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	if (!endpoint_signs(known) || receipts_right(evidence, port) == NULL)
		return false;
	return shows_unsigned_key(evidence, known, port) ||
	       (identity_foreign_key(evidence, known, port) &&
		   !identity_is_signed_key(port->best));
}

bool identity_lacks_starttls(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	if (port->mode != MODE_STARTTLS || port->connected == 0 ||
	    port->done > 0)
		return false;
	return identity_is_masked(evidence, port) ||
	       (known->offers_starttls &&
		   port->bare + port->starttls_refused >= TRIES_FOR_STRIPPED);
}
