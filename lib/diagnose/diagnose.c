/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/diagnose.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/diagnose/rules.h"
#include "lib/diagnose/signs.h"

void rule_decide(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism)
{
	out->outcome = outcome;
	out->mechanism = mechanism;
}

bool rule_say(struct diagnosis *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->because, sizeof(out->because), format, args);
	va_end(args);
	return true;
}

void rule_place(const struct view *view, struct diagnosis *out, int after_hop)
{
	struct addr first = evidence_hop_address(view->evidence, view->port, 1);

	out->after_hop = after_hop;
	out->after_address = evidence_hop_address(
	    view->evidence, view->port, after_hop);
	if (after_hop == 0)
		out->where = WHERE_HOST;
	else if (after_hop == 1 && addr_is_private(&first))
		out->where = WHERE_ACCESS;
	else if (view->hops != OBSERVE_ABSENT && after_hop == view->hops - 1)
		out->where = WHERE_FAR_END;
	else
		out->where = WHERE_PATH;
}

void rule_decide_placed(
    struct diagnosis *out, enum outcome outcome, enum mechanism mechanism)
{
	rule_decide(
	    out, out->where == WHERE_HOST ? OUTCOME_LOCAL : outcome, mechanism);
}

static bool rule_unresolved(const struct view *view, struct diagnosis *out)
{
	if (view->evidence->target->address.family != 0)
		return false;
	rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_RESOLVE);
	return rule_say(out, "%.120s did not resolve to an IPv%d address",
	    view->evidence->target->host, view->evidence->target->family);
}

/* A port of the same address that left this host, or NULL. */
static const struct port_evidence *routed_port(const struct view *view)
{
	const struct port_evidence *other;
	size_t i;

	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other->tries > other->no_route + other->denied)
			return other;
	}
	return NULL;
}

static bool rule_no_route(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *routed = routed_port(view);

	if (view->port->no_route == 0 ||
	    view->port->no_route < view->port->tries)
		return false;
	if (routed != NULL) {
		rule_place(view, out, 0);
		rule_decide(out, OUTCOME_LOCAL, MECHANISM_NO_ROUTE);
		return rule_say(out,
		    "this host has a route to the endpoint for port %u, and "
		    "none for port %u: a rule of its own",
		    routed->port, view->port->port);
	}
	rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_ROUTE);
	return rule_say(out, "this host has no IPv%d route to the endpoint",
	    view->evidence->target->family);
}

static bool rule_denied(const struct view *view, struct diagnosis *out)
{
	if (view->port->denied == 0 || view->port->connected > 0)
		return false;
	rule_place(view, out, 0);
	rule_decide(out, OUTCOME_LOCAL, MECHANISM_DENIED);
	return rule_say(
	    out, "this host itself refused to send: permission denied");
}

/* The first rule that decides is right; the last one always does. */
static const struct {
	const char *name;
	rule *ask;
} rules[] = {
    {"unresolved", rule_unresolved},
    {"no-route", rule_no_route},
    {"denied", rule_denied},
    {"cut-off", rule_cut_off},
    {"throttle", rule_throttle},
    {"stripped", rule_stripped},
    {"key", rule_key},
    {"redirect", rule_redirect},
    {"reachable", rule_reachable},
    {"after-connect", rule_after_connect},
    {"wrong-protocol", rule_wrong_protocol},
    {"refused", rule_refused},
    {"unreachable", rule_unreachable},
    {"silent", rule_silent},
};

static void look(const struct evidence *evidence,
    const struct port_evidence *port, struct view *view)
{
	view->evidence = evidence;
	view->port = port;
	view->control = evidence_control(evidence, port);
	view->hops = evidence_control_hops(evidence, port);
	view->early_ttl = evidence_early_ttl(evidence, port);
}

static void diagnose_port(const struct view *view, struct diagnosis *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->port = view->port->port;
	out->after_hop = OBSERVE_ABSENT;
	out->before_hop = OBSERVE_ABSENT;
	out->endpoint_hops = view->hops;
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].ask(view, out))
			break;
	out->rule = rules[i].name;
	out->signs = signs_of(view->evidence, view->known, view->port);
	if (view->early_ttl > 0)
		out->signs |= SOFT_EARLY_HANDSHAKE;
}

size_t diagnose_target(const struct target_seen *target,
    const struct endpoint_known *known, const struct round_known *round,
    struct diagnosis out[DIAGNOSE_PORTS_MAX])
{
	static const struct endpoint_known nothing;
	struct evidence evidence;
	struct view view = {
	    .known = known ? known : &nothing,
	    .round = round,
	};
	size_t i, count = 0;

	evidence_gather(target, &evidence);
	for (i = 0; i < evidence.nports; i++) {
		if (evidence.ports[i].mode == MODE_CONNECT ||
		    evidence.ports[i].tries == 0)
			continue;
		look(&evidence, &evidence.ports[i], &view);
		diagnose_port(&view, &out[count++]);
	}
	return count;
}
