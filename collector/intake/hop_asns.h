/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_HOP_ASNS_H
#define EGRESS25_COLLECTOR_INTAKE_HOP_ASNS_H

#include "collector/intake/geo.h"
#include "lib/diagnose/diagnosis.h"

/* The ASes between which a port of the target stops, by the geo data of now. */
struct hop_asns {
	uint32_t after;  /* of the last hop that answered on this port */
	uint32_t before; /* of the first later hop that answered another port
			    and never this one; the endpoint is one too */
};

/*
 * Look them up, for a port that stops where the diagnosis says; `own` is the AS
 * of the agent. 0 is an AS that is unknown, or of a hop that is silent or has
 * no public address. `before` is 0, too, if the hops up to the diagnosis's
 * before_hop are not all of one AS, or if silent hops come first and that AS is
 * neither the agent's nor that of the last hop: the break may then lie on
 * either side of a border.
 */
void hop_asns_find(struct geo *geo, const struct target_seen *target,
    const struct diagnosis *diagnosis, uint32_t own, struct hop_asns *asns);

#endif
