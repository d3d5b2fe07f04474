/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/signs.h"

#include <string.h>
#include <strings.h>

#include "lib/diagnose/identity.h"
#include "lib/diagnose/looks.h"
#include "lib/diagnose/receipts.h"

#define SLOW_BANNER_US 5000000

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

/* Its key is none of the known ones; or none of the other ports' is it, where
 * none is known. */
static bool key_differs(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port)
{
	const struct tls_seen *tls = &port->best->tls;
	bool compared = false;
	size_t i;

	if (!tls->has_spki || identity_is_known_key(known, tls))
		return false;
	if (known->nspki > 0 ||
	    identity_foreign_key_at_beacon(evidence, known, port))
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

unsigned signs_of(const struct view *view)
{
	const struct port_evidence *port = view->port;
	unsigned signs = 0;

	if (signs_greeting_differs(view->evidence, port))
		signs |= SOFT_GREETING_DIFFERS;
	if (key_differs(view->evidence, view->known, port))
		signs |= SOFT_KEY_DIFFERS;
	if (port->no_starttls > 0)
		signs |= SOFT_NO_STARTTLS;
	if (view->early_ttl > 0)
		signs |= SOFT_EARLY_HANDSHAKE;
	if (port->best->us[STAGE_BANNER] > SLOW_BANNER_US || port->alive > 0 ||
	    (port->connected > 0 && port->timeouts > 0))
		signs |= SOFT_SLOW;
	if (looks_paths_differ(view->evidence, port) ||
	    receipts_way_differs(view->evidence, port))
		signs |= SOFT_PATHS_DIFFER;
	if (view->family->translated)
		signs |= SOFT_NEARBY_TRANSLATOR;
	if (port->tls_first)
		signs |= SOFT_TLS_FIRST;
	if (receipts_lack(view->evidence, port) ||
	    receipts_lack_all(view->evidence, port))
		signs |= SOFT_NO_RECEIPT;
	return signs;
}
