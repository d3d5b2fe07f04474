/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_FOREIGN_KEY_H
#define EGRESS25_LIB_DIAGNOSE_FOREIGN_KEY_H

#include "lib/diagnose/round_known.h"

/*
 * On this port some attempt was shown a foreign key, and an endpoint of another
 * owner, in another network, shows the very same one, over the same family. Of
 * both endpoints other keys are known, and of each other ones; and both
 * certificates come from nobody whom this host trusts: a service that two
 * owners may have gone to has a certificate that verifies, if not for their
 * names. Keys that both have renewed differ from each other.
 */
bool foreign_key_is_at_two_owners(const struct round_known *round,
    size_t target, const struct port_evidence *port);

#endif
