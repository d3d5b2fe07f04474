/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/view.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/diagnose/looks.h"

static int early_ttl(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int ttl = evidence_accept_ttl(port);

	return ttl != OBSERVE_ABSENT &&
		       ttl < breaks_distance_seen(evidence, port) &&
		       !breaks_is_own_distance(evidence, port, ttl)
		   ? ttl
		   : 0;
}

void view_look(const struct round_known *round, size_t target,
    const struct port_evidence *port, struct view *view)
{
	const struct evidence *evidence = &round->evidence[target];

	view->round = round;
	view->target = target;
	view->evidence = evidence;
	view->port = port;
	view->control = evidence_control(evidence, port);
	view->known = round_endpoint(round, target);
	view->family = round_family(round, evidence->target->family);
	view->hops = evidence_control_hops(evidence, port);
	view->early_ttl = early_ttl(evidence, port);
	breaks_find(evidence, port, &view->path);
}

int view_endpoint_hops(const struct view *view)
{
	return looks_farthest_router(view->evidence, NULL) < view->hops
		   ? view->hops
		   : OBSERVE_ABSENT;
}

void view_decide(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism)
{
	out->outcome = outcome;
	out->mechanism = mechanism;
}

bool view_say(struct diagnosis *out, const char *format, ...)
{
	va_list args;

	if (out->wordless)
		return true;
	va_start(args, format);
	vsnprintf(out->because, sizeof(out->because), format, args);
	va_end(args);
	return true;
}

bool view_is_shown_elsewhere(const struct view *view, enum suspicion_kind kind)
{
	struct suspicion suspicion;

	return suspicion_of(
		   view->evidence, view->port, view->known, kind, &suspicion) &&
	       round_shows_elsewhere(
		   view->round, view->target, view->port->port, &suspicion);
}

bool view_is_beyond_doubt(
    const struct view *view, const struct suspicion *early)
{
	if (!early->way)
		return false;
	if (early->router && suspicion_is_near_here(early))
		return true;
	return (early->router || early->gap > 1) &&
	       round_shows_elsewhere(
		   view->round, view->target, view->port->port, early);
}
