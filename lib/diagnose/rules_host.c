/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules_host.h"

#include <string.h>

#include "lib/diagnose/place.h"
#include "lib/diagnose/suspicions.h"

#define TRIES_FOR_NO_ROUTE 2 /* one may meet a route that is just changing */

static const char *const dns_reasons[DNS_COUNT] = {
    [DNS_OK] = "did not resolve",
    [DNS_NO_SUCH_DOMAIN] = "does not exist: no such domain",
    [DNS_NO_ADDRESS] = "has no address of this family",
    [DNS_NULL_MX] = "takes no mail: null MX (RFC 7505)",
    [DNS_MX_IS_ADDRESS] = "has an MX that is an address, not a name",
    [DNS_SERVFAIL] = "did not resolve: its name servers fail",
    [DNS_NO_ANSWER] = "did not resolve: no name server answered",
};

bool rule_unresolved(const struct view *view, struct diagnosis *out)
{
	const struct target_seen *target = view->evidence->target;

	if (target->address.family != 0)
		return false;
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_RESOLVE);
	return view_say(out, "%.100s (IPv%d) %s", target->host, target->family,
	    dns_reasons[(unsigned)target->dns < DNS_COUNT ? target->dns
							  : DNS_OK]);
}

/* A port of the same address that left this host, the lowest; or NULL. */
static const struct port_evidence *routed_port(const struct view *view)
{
	const struct port_evidence *other, *found = NULL;
	size_t i;

	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other->tries > other->no_route + other->denied &&
		    (found == NULL || other->port < found->port))
			found = other;
	}
	return found;
}

/* Where ICMP errors are not heard of by themselves, a router's has the errno of
 * one of this host's. */
static bool may_be_a_routers(const struct view *view)
{
	return view->evidence->target->untraced;
}

bool rule_no_route(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *routed = routed_port(view);

	if (view->port->no_route == 0 ||
	    view->port->no_route < view->port->tries)
		return false;
	if (routed != NULL && may_be_a_routers(view)) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "unreachable on port %u, and not on port %u: this host "
		    "cannot tell whether it or a router says so",
		    view->port->port, routed->port);
	}
	if (routed != NULL && view->port->no_route >= TRIES_FOR_NO_ROUTE) {
		view_decide(out, OUTCOME_LOCAL, MECHANISM_NO_ROUTE);
		place_between(view, out, 0, OBSERVE_ABSENT, HOST_PROOF_HELD);
		return view_say(out,
		    "this host has a route to the endpoint for port %u, and "
		    "none for port %u: a rule of its own",
		    routed->port, view->port->port);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_ROUTE);
	return view_say(out, "this host has no IPv%d route to the endpoint",
	    view->evidence->target->family);
}

bool rule_denied(const struct view *view, struct diagnosis *out)
{
	if (view->port->denied == 0 || view->port->connected > 0)
		return false;
	/* Linux makes "permission denied" of ICMPv6's "prohibited", too. */
	if (may_be_a_routers(view) && view->evidence->target->family == 6) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "prohibited on port %u: this host cannot tell whether it "
		    "or a router says so",
		    view->port->port);
	}
	view_decide(out, OUTCOME_LOCAL, MECHANISM_DENIED);
	place_between(view, out, 0, OBSERVE_ABSENT, HOST_PROOF_HELD);
	return view_say(
	    out, "this host itself refused to send: permission denied");
}

bool rule_host_drops(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (!evidence_is_mute(port) || view->path.after > 0 ||
	    host_proof_of_silence(port) != HOST_PROOF_HELD)
		return false;
	view_decide(out, OUTCOME_LOCAL, MECHANISM_DROP);
	place_between(view, out, 0, place_before(view, 1), HOST_PROOF_HELD);
	return view_say(out,
	    "this host's own counters: %d of %d retransmissions of the SYN to "
	    "port %u failed before they left it",
	    port->witness.failed, port->witness.retransmitted, port->port);
}

/* Nobody listens there, for all that is seen: a firewall of its own would have
 * to say so over ICMP, or drop it, to be told from that. */
static bool say_own(const struct view *view, struct diagnosis *out)
{
	const struct target_seen *target = view->evidence->target;
	char address[ADDR_TEXT_SIZE];

	addr_format(&target->address, address);
	view_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
	if (strcmp(target->host, address) != 0)
		return view_say(out,
		    "%.80s leads to this host itself (%s), where nobody "
		    "listens on port %u",
		    target->host, address, view->port->port);
	return view_say(out,
	    "%s is this host itself, where nobody listens on port %u", address,
	    view->port->port);
}

bool rule_host_refuses(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (port->refused == 0 || port->connected > 0)
		return false;
	if (target_seen_is_self(view->evidence->target))
		return say_own(view, out);
	if (evidence_answer_ttl(port) > 1 ||
	    host_proof_of_answer(port) != HOST_PROOF_HELD)
		return false;
	view_decide(out, OUTCOME_LOCAL, MECHANISM_RESET);
	place_between(view, out, 0, place_before(view, 1), HOST_PROOF_HELD);
	return view_say(out,
	    "port %u is refused by this host: the reset came over its own "
	    "loopback interface",
	    port->port);
}

bool rule_translator(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	bool refused = port->connected == 0 && port->refused > 0;
	bool broken = port->reset_after + port->stalled_after > 0;

	if (!view->family->translated || evidence_answer_ttl(port) != 1 ||
	    !(refused || broken))
		return false;
	if (broken && suspicion_breaks_surely(port, true) &&
	    host_proof_of_answer(port) == HOST_PROOF_HELD) {
		view_decide(out, OUTCOME_LOCAL,
		    port->reset_after > 0 ? MECHANISM_RESET_AFTER_CONNECT
					  : MECHANISM_STALL_AFTER_CONNECT);
		place_between(view, out, 0, OBSERVE_ABSENT, HOST_PROOF_HELD);
		return view_say(out,
		    "port %u is answered and broken off by this host: the "
		    "answer came over its own loopback interface",
		    port->port);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "every port of every endpoint is answered at TTL 1: a translator "
	    "or sidecar ends TCP here; try again outside of it");
}
