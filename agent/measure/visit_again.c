/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_again.h"

#include "agent/measure/visit_paths.h"

#define AGAIN_LOOKS   8  /* at a TTL where another port was answered */
#define REFUSED_LOOKS 12 /* just before the TTL of a refusal in doubt */
#define PASSED_LOOKS  8  /* and at that TTL: do some pass? */
#define AGAIN_SILENT  2  /* so many of them one is worth that was lost */
#define RESET_TRACES  4  /* of a port of which some connects were refused */
#define RESET_LOOKS   8  /* and then so many just before others' answers */

bool visit_again_is_look(enum visit_look look)
{
	return look == LOOK_AGAIN || look == LOOK_DOUBT || look == LOOK_RESET;
}

/* The highest TTL, up to `limit`, that answers a port which was asked. */
static int early_ttl(const struct visit_plan *plan, int limit)
{
	int highest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (!plan->ports[i].is_control &&
		    plan->ports[i].answer_ttl <= limit &&
		    plan->ports[i].answer_ttl > highest)
			highest = plan->ports[i].answer_ttl;
	return highest;
}

int visit_again_farthest(const struct visit_plan *plan, struct visit_port *port)
{
	int limit = port->answer_ttl - 1, early;

	if (port->trace != TRACE_ENDED || port->answer_ttl < 1 ||
	    port->answer_ttl != visit_paths_distance(plan))
		return 0;
	if (port->again_ttl > 0 && port->again_ttl <= limit)
		limit = port->again_ttl - (port->looked_again >= AGAIN_LOOKS);
	early = early_ttl(plan, limit);
	if (early == OBSERVE_ABSENT)
		return 0;
	if (early != port->again_ttl)
		port->looked_again = 0;
	port->again_ttl = early;
	port->looked_again++;
	return early;
}

/* What another port is answered from, too, is no nearer than others are. */
static int doubt_looks(
    const struct visit_plan *plan, const struct visit_port *port)
{
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (&plan->ports[i] != port &&
		    plan->ports[i].answer_ttl == port->answer_ttl)
			return REFUSED_LOOKS;
	return REFUSED_LOOKS + PASSED_LOOKS;
}

int visit_again_doubted(const struct visit_plan *plan, struct visit_port *port)
{
	if (!port->doubted || port->trace != TRACE_ENDED || port->passed > 0 ||
	    port->answer_ttl < 2)
		return 0;
	if (port->doubt_ttl != port->answer_ttl)
		port->looked_doubt = 0;
	if (port->looked_doubt >= doubt_looks(plan, port))
		return 0;
	port->doubt_ttl = port->answer_ttl;
	return port->doubt_ttl - (port->looked_doubt++ < REFUSED_LOOKS);
}

/* From how near it was reset, and the others are answered. */
static void find_distances(const struct visit_plan *plan,
    const struct visit_port *port, int *reset, int *near, int *far)
{
	const struct path_seen *path;
	size_t i;

	*reset = *near = OBSERVE_HOPS_MAX + 1;
	*far = OBSERVE_ABSENT;
	for (i = 0; i < plan->target->npaths; i++) {
		path = &plan->target->paths[i];
		if (!path->reached)
			continue;
		if (path->port == port->port && path->answer == ANSWER_RST) {
			if (path->answer_ttl < *reset)
				*reset = path->answer_ttl;
		} else if (path->answer_ttl < *near) {
			*near = path->answer_ttl;
		}
		if (path->answer_ttl > *far)
			*far = path->answer_ttl;
	}
}

enum visit_look visit_again_reset(const struct visit_plan *plan,
    struct visit_port *port, int *min_ttl, int *max_ttl)
{
	int reset, near, far;

	if (port->is_control || port->passed == 0 ||
	    port->refused == port->prohibited)
		return LOOK_NONE;
	find_distances(plan, port, &reset, &near, &far);
	if (2 * reset <= far)
		return LOOK_NONE;
	*min_ttl = 1;
	*max_ttl = OBSERVE_HOPS_MAX;
	if (port->traced_reset++ < RESET_TRACES)
		return LOOK_WHOLE;
	*min_ttl = *max_ttl = near - 1;
	if (reset < near || near > far || near < 2 ||
	    port->traced_reset > RESET_TRACES + RESET_LOOKS)
		return LOOK_NONE;
	return LOOK_RESET;
}

bool visit_again_is_nothing(
    struct visit_port *port, const struct path_seen *path)
{
	bool silent = visit_paths_is_silent(path);

	if (port->look == LOOK_RESET)
		return !path->reached;
	if (port->look == LOOK_AGAIN) {
		if (silent)
			port->looked_again += AGAIN_SILENT - 1;
		return !path->reached;
	}
	if (port->look != LOOK_DOUBT)
		return false;
	if (port->min_ttl < port->doubt_ttl) {
		if (silent)
			port->looked_doubt += AGAIN_SILENT - 1;
		return !path->reached;
	}
	if (path->reached || silent)
		return true;
	port->looked_doubt = REFUSED_LOOKS + PASSED_LOOKS; /* it is known */
	return false;
}
