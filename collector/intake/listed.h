/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_LISTED_H
#define EGRESS25_COLLECTOR_INTAKE_LISTED_H

/*
 * What counts: agents may report whatever they like, so only probes that the
 * collector's own list of endpoints asks for are evidence, and only at
 * addresses where such an endpoint can be. Pure.
 */

#include "collector/record/row.h"
#include "lib/config/endpoints.h"

/*
 * Does this endpoint of the list (NULL: it has none of that name) have the
 * row's probe: its port, at its address? An endpoint whose host is an address
 * is only there, or behind NAT64 (RFC 6052) of it, whatever kind of address it
 * is; one whose host is a name may have any public address. A port that is only
 * a control shows nothing about itself, and where DNS gave no address nothing
 * is known but that: such a row with any other diagnosis is not listed.
 */
bool listed_has(const struct endpoint *endpoint, const struct measurement *row);

#endif
