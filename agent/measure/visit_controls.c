/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_controls.h"

#include <stddef.h>

static int rank_of(const struct visit_port *port)
{
	if (port->status != VISIT_SETTLED)
		return 0;
	if (port->passed > 0)
		return port->is_control                ? 5
		       : port->failure == FAILURE_NONE ? 3
						       : 1;
	if (port->failure == FAILURE_REFUSED)
		return port->is_control ? 4 : 2;
	return 0;
}

struct visit_port *visit_controls_best(struct visit_plan *plan)
{
	struct visit_port *best = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		struct visit_port *port = &plan->ports[i];

		if (port->trace != NOT_TRACED || rank_of(port) == 0)
			continue;
		if (best == NULL || rank_of(port) > rank_of(best))
			best = port;
	}
	return best;
}

struct visit_port *visit_controls_mute(struct visit_plan *plan)
{
	struct visit_port *port, *best = NULL;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		port = &plan->ports[i];
		if (!port->is_control || port->trace != NOT_TRACED ||
		    port->failure == FAILURE_NO_ROUTE ||
		    port->failure == FAILURE_DENIED ||
		    (port->tries == 0 && !port->path_only))
			continue;
		if (best == NULL || best->path_only)
			best = port;
	}
	return best;
}

bool visit_controls_are_mute(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control && !plan->ports[i].path_only &&
		    (plan->ports[i].tries == 0 || plan->ports[i].passed > 0))
			return false;
	return true;
}

bool visit_controls_shook_hands(const struct visit_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control && plan->ports[i].passed > 0)
			return true;
	return false;
}

int visit_controls_distance(const struct visit_plan *plan)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].is_control &&
		    plan->ports[i].answer_ttl > farthest)
			farthest = plan->ports[i].answer_ttl;
	return farthest;
}
