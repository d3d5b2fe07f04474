/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/foreign_key.h"

#include <string.h>

#include "lib/diagnose/identity.h"
#include "lib/diagnose/owner.h"

/* The next attempt from `at` on that was shown a foreign key, from nobody who
 * is trusted; `nprobes`: none. */
static size_t next_foreign(const struct target_seen *target,
    const struct endpoint_known *known, uint16_t port, size_t at)
{
	const struct tls_seen *tls;

	for (; at < target->nprobes; at++) {
		tls = &target->probes[at].tls;
		if (target->probes[at].port == port &&
		    (tls->verify == VERIFY_SELF_SIGNED ||
			tls->verify == VERIFY_UNTRUSTED) &&
		    identity_key_unknown(known, tls))
			break;
	}
	return at;
}

static bool shows(const struct target_seen *target,
    const struct endpoint_known *known, uint16_t port,
    const struct tls_seen *tls)
{
	size_t i = next_foreign(target, known, port, 0);

	while (i < target->nprobes &&
	       memcmp(target->probes[i].tls.spki_sha256, tls->spki_sha256,
		   sizeof(tls->spki_sha256)) != 0)
		i = next_foreign(target, known, port, i + 1);
	return i < target->nprobes;
}

/* Who has had a key in common may have so again. */
static bool share_a_key(
    const struct endpoint_known *a, const struct endpoint_known *b)
{
	struct tls_seen tls = {.has_spki = true};
	size_t i;

	for (i = 0; i < a->nspki; i++) {
		memcpy(tls.spki_sha256, a->spki_sha256[i],
		    sizeof(tls.spki_sha256));
		if (identity_is_known_key(b, &tls))
			return true;
	}
	return false;
}

static bool is_elsewhere(const struct round_known *round, size_t target,
    uint16_t port, const struct tls_seen *tls)
{
	const struct target_seen *own = &round->targets[target], *other;
	const struct endpoint_known *known = round_endpoint(round, target);
	const struct endpoint_known *others;
	size_t i;

	for (i = 0; i < round->ntargets; i++) {
		other = &round->targets[i];
		others = round_endpoint(round, i);
		if (i != target && other->family == own->family &&
		    shows(other, others, port, tls) &&
		    !share_a_key(known, others) &&
		    owner_differs_of_beacons(own, known, other, others))
			return true;
	}
	return false;
}

bool foreign_key_is_at_two_owners(const struct round_known *round,
    size_t target, const struct port_evidence *port)
{
	const struct target_seen *own = &round->targets[target];
	const struct endpoint_known *known = round_endpoint(round, target);
	size_t i = next_foreign(own, known, port->port, 0);

	while (i < own->nprobes) {
		if (is_elsewhere(
			round, target, port->port, &own->probes[i].tls))
			return true;
		i = next_foreign(own, known, port->port, i + 1);
	}
	return false;
}
