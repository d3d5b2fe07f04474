/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/signs.h"

#include <string.h>
#include <strings.h>

#define SLOW_BANNER_US 5000000
#define MASK_RUN_LEAST 6 /* of X in a keyword, of * in a greeting */
#define SIBLINGS_MAX   64

static bool is_masked_keyword(const char *keyword)
{
	size_t run = strspn(keyword, "X");

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

bool signs_masked_in_place(const struct smtp_seen *smtp)
{
	size_t i;

	for (i = 0; i < smtp->ncaps; i++)
		if (is_masked_keyword(smtp->caps[i]))
			return true;
	return is_masked_greeting(smtp->text);
}

static bool offers_starttls(const struct probe_seen *probe)
{
	size_t i;

	for (i = 0; i < probe->smtp.ncaps; i++)
		if (strcmp(probe->smtp.caps[i], "STARTTLS") == 0)
			return true;
	return false;
}

static bool is_sibling(const struct target_seen *a, const struct target_seen *b)
{
	return a->family == b->family && !addr_equal(&a->address, &b->address);
}

bool signs_sibling_offers_starttls(const struct round_known *round,
    const struct target_seen *target, uint16_t port)
{
	size_t i, p, siblings = 0;

	for (i = 0; i < round->ntargets; i++) {
		const struct target_seen *other = &round->targets[i];

		if (!is_sibling(other, target) ||
		    strcmp(other->endpoint, target->endpoint) != 0)
			continue;
		if (++siblings > SIBLINGS_MAX)
			return true;
		for (p = 0; p < other->nprobes; p++)
			if (other->probes[p].port == port &&
			    offers_starttls(&other->probes[p]))
				return true;
	}
	return false;
}

static bool is_known_key(
    const struct endpoint_known *known, const struct tls_seen *tls)
{
	size_t i;

	for (i = 0; i < known->nspki; i++)
		if (memcmp(known->spki_sha256[i], tls->spki_sha256, 32) == 0)
			return true;
	return false;
}

bool signs_key_unknown(
    const struct endpoint_known *known, const struct tls_seen *tls)
{
	return tls->has_spki && known->nspki > 0 && !is_known_key(known, tls);
}

const struct port_evidence *signs_port_with_known_key(
    const struct evidence *evidence, const struct endpoint_known *known,
    const struct port_evidence *port)
{
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];

		if (other != port && other->best != NULL &&
		    other->best->tls.has_spki &&
		    is_known_key(known, &other->best->tls))
			return other;
	}
	return NULL;
}

bool signs_greeting_differs(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const char *name = port->best->smtp.name;
	bool compared = false;
	size_t i;

	if (name[0] == '\0')
		return false;
	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];

		if (other == port || other->best == NULL ||
		    other->best->smtp.name[0] == '\0')
			continue;
		if (strcasecmp(other->best->smtp.name, name) == 0)
			return false;
		compared = true;
	}
	return compared;
}

bool signs_key_differs(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	const struct tls_seen *tls = &port->best->tls;
	bool compared = false;
	size_t i;

	if (!tls->has_spki || is_known_key(known, tls))
		return false;
	if (known->nspki > 0)
		return true;
	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];

		if (other == port || other->best == NULL ||
		    !other->best->tls.has_spki)
			continue;
		if (memcmp(other->best->tls.spki_sha256, tls->spki_sha256,
			32) == 0)
			return false;
		compared = true;
	}
	return compared;
}

bool signs_early_elsewhere(const struct round_known *round,
    const struct target_seen *target, uint16_t port, int early_ttl)
{
	const struct early_seen *early;
	size_t i;

	for (i = 0; i < round->nearly; i++) {
		early = &round->early[i];
		if (early->port == port && early->ttl == early_ttl &&
		    early->address.family == target->address.family)
			return early->several ||
			       !addr_equal(&early->address, &target->address);
	}
	return false;
}

static bool ends_behind(const struct path_seen *path, const struct addr *hop)
{
	size_t i;

	if (!path->reached)
		return false;
	for (i = 0; i < path->nhops; i++)
		if (path->hops[i].ttl == path->answer_ttl - 1)
			return addr_equal(&path->hops[i].address, hop);
	return false;
}

bool signs_is_last_hop(const struct round_known *round,
    const struct target_seen *target, const struct addr *hop)
{
	size_t i, p;

	for (i = 0; i < round->ntargets; i++) {
		const struct target_seen *other = &round->targets[i];

		if (!is_sibling(other, target))
			continue;
		for (p = 0; p < other->npaths; p++)
			if (ends_behind(&other->paths[p], hop))
				return true;
	}
	return false;
}

unsigned signs_of(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	unsigned signs = 0;

	if (signs_greeting_differs(evidence, port))
		signs |= SOFT_GREETING_DIFFERS;
	if (signs_key_differs(evidence, known, port))
		signs |= SOFT_KEY_DIFFERS;
	if (port->no_starttls > 0)
		signs |= SOFT_NO_STARTTLS;
	if (port->best->us[STAGE_BANNER] > SLOW_BANNER_US ||
	    (port->connected > 0 && port->timeouts > 0))
		signs |= SOFT_SLOW;
	return signs;
}
