/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_FOREIGN_KEY_H
#define EGRESS25_LIB_DIAGNOSE_FOREIGN_KEY_H

#include "lib/diagnose/round_known.h"

/* Who shows one and the same foreign key. */
enum foreign_key {
	FOREIGN_KEY_ALONE,    /* no other owner does; or there is none */
	FOREIGN_KEY_SHARED,   /* a second owner, who may have the same vendor */
	FOREIGN_KEY_EVERYBODY /* it is nobody's own */
};

/*
 * On this port some attempt was shown a foreign key, and endpoints of other
 * owners, in other networks, show the very same one, over the same family. Of
 * each of them other keys are known, and of each other ones; and all
 * certificates come from nobody whom this host trusts: a service that several
 * owners may have gone to has a certificate that verifies, if not for their
 * names. Keys that all have renewed differ from each other.
 *
 * Two owners may have put up one vendor's image, in which all have its default
 * key, while the list has what they had before: it takes three. Two are enough
 * where both are beacons, which make a key of their own. A key for which the
 * beacon has signed is not foreign.
 */
enum foreign_key foreign_key_of(const struct round_known *round, size_t target,
    const struct port_evidence *port);

#endif
