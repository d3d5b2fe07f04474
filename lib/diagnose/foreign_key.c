/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/foreign_key.h"

#include <string.h>

#include "lib/diagnose/identity.h"
#include "lib/diagnose/owner.h"

/* Of one owner, so many endpoints are compared with another one's. */
#define PEERS_MAX 8

/* The next attempt from `at` on that was shown a foreign key, from nobody who
 * is trusted; `nprobes`: none. */
static size_t next_foreign(const struct target_seen *target,
    const struct endpoint_known *known, uint16_t port, size_t at)
{
	const struct tls_seen *tls;

	for (; at < target->nprobes; at++) {
		tls = &target->probes[at].tls;
		if (target->probes[at].port == port &&
		    !identity_is_signed_key(&target->probes[at]) &&
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

/* Neither the owner nor what was known of him is the other one's. */
static bool are_apart(const struct round_known *round, size_t a, size_t b)
{
	const struct endpoint_known *known_a = round_endpoint(round, a);
	const struct endpoint_known *known_b = round_endpoint(round, b);

	return !share_a_key(known_a, known_b) &&
	       owner_differs_of_beacons(
		   &round->targets[a], known_a, &round->targets[b], known_b);
}

static bool is_apart_from_one(const struct round_known *round, size_t target,
    const uint32_t *kept, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (are_apart(round, target, kept[i]))
			return true;
	return false;
}

/* Who else shows this key on this port. */
static enum foreign_key look_elsewhere(const struct round_known *round,
    size_t target, uint16_t port, const struct tls_seen *tls)
{
	const struct target_seen *own = &round->targets[target], *other;
	uint32_t kept[PEERS_MAX];
	size_t nkept = 0, i;

	for (i = 0; i < round->ntargets; i++) {
		other = &round->targets[i];
		if (i == target || other->family != own->family ||
		    !shows(other, round_endpoint(round, i), port, tls) ||
		    !are_apart(round, target, i))
			continue;
		if (round_are_beacons(round, target, i) ||
		    is_apart_from_one(round, i, kept, nkept))
			return FOREIGN_KEY_EVERYBODY;
		if (nkept < PEERS_MAX)
			kept[nkept++] = (uint32_t)i;
	}
	return nkept > 0 ? FOREIGN_KEY_SHARED : FOREIGN_KEY_ALONE;
}

enum foreign_key foreign_key_of(const struct round_known *round, size_t target,
    const struct port_evidence *port)
{
	const struct target_seen *own = &round->targets[target];
	const struct endpoint_known *known = round_endpoint(round, target);
	enum foreign_key most = FOREIGN_KEY_ALONE, found;
	size_t i = next_foreign(own, known, port->port, 0);

	while (i < own->nprobes && most != FOREIGN_KEY_EVERYBODY) {
		found = look_elsewhere(
		    round, target, port->port, &own->probes[i].tls);
		if (found > most)
			most = found;
		i = next_foreign(own, known, port->port, i + 1);
	}
	return most;
}
