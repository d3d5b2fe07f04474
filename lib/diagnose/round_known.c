/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/round_known.h"

#include <string.h>

#include "lib/diagnose/evidence.h"

static void note_early(struct round_known *round,
    const struct target_seen *target, uint16_t port, int ttl)
{
	struct early_seen *early;
	size_t i;

	for (i = 0; i < round->nearly; i++) {
		early = &round->early[i];
		if (early->port != port || early->ttl != ttl ||
		    early->address.family != target->address.family)
			continue;
		if (!addr_equal(&early->address, &target->address))
			early->several = true;
		return;
	}
	if (round->nearly == ROUND_EARLY_MAX)
		return;
	early = &round->early[round->nearly++];
	early->port = port;
	early->ttl = ttl;
	early->address = target->address;
	early->several = false;
}

static void know_target(
    struct round_known *round, const struct target_seen *target)
{
	const struct port_evidence *port;
	struct evidence evidence;
	size_t i;
	int ttl;

	evidence_gather(target, &evidence);
	for (i = 0; i < evidence.nports; i++) {
		port = &evidence.ports[i];
		if (evidence_answered(port) || port->unreachable > 0) {
			round->answered4 |= target->family == 4;
			round->answered6 |= target->family == 6;
		}
		ttl = evidence_early_ttl(&evidence, port);
		if (ttl > 0)
			note_early(round, target, port->port, ttl);
	}
}

void round_know(struct round_known *round, const struct target_seen *targets,
    size_t ntargets)
{
	size_t i;

	memset(round, 0, sizeof(*round));
	round->targets = targets;
	round->ntargets = ntargets;
	for (i = 0; i < ntargets; i++)
		know_target(round, &targets[i]);
}
