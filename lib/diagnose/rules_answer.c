/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules.h"

#include <errno.h>

#include "lib/diagnose/signs.h"

/* Tries that a claim rests on. */
#define TRIES_FOR_STRIPPED 3
#define TRIES_FOR_THROTTLE 10

/* Of the SYNs, those that are answered where somebody limits them, and where
 * nobody does: a path that loses one packet in ten answers four in five. */
#define THROTTLED_PERCENT 45
#define STEADY_PERCENT    65

/* Of all its SYNs, so many percent were answered at once. */
static int answered_percent(const struct port_evidence *port)
{
	int answered = port->tries - port->timeouts;

	return answered * 100 / (answered + port->syns_lost);
}

/* Nine in ten of many connects stood, and few SYNs were lost on the way. */
static bool is_steady(const struct port_evidence *port)
{
	return port->tries >= TRIES_FOR_THROTTLE &&
	       port->connected * 10 >= port->tries * 9 &&
	       answered_percent(port) >= STEADY_PERCENT;
}

/* The best of those ports to count another one against. NULL: none. */
static const struct port_evidence *steady_control(const struct view *view)
{
	const struct port_evidence *best = NULL;
	size_t i;

	for (i = 0; i < view->evidence->nports; i++) {
		const struct port_evidence *other = &view->evidence->ports[i];

		if (other != view->port && is_steady(other) &&
		    (best == NULL ||
			answered_percent(other) > answered_percent(best)))
			best = other;
	}
	return best;
}

bool rule_throttle(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	const struct port_evidence *control = steady_control(view);

	if (port->connected == 0 || port->timeouts == 0 || control == NULL ||
	    port->tries < TRIES_FOR_THROTTLE)
		return false;
	if (port->connected * 10 > port->tries * 7 ||
	    answered_percent(port) > THROTTLED_PERCENT)
		return false;
	rule_decide(out, OUTCOME_FILTERED, MECHANISM_THROTTLE);
	return rule_say(out,
	    "%d of %d connects passed on port %u, %d of %d on port %u",
	    port->connected, port->tries, port->port, control->connected,
	    control->tries, control->port);
}

/* STARTTLS overwritten in place, or gone from an endpoint that offers it. */
bool rule_stripped(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	bool masked = signs_masked_in_place(&port->best->smtp);
	int without = port->no_starttls + port->starttls_refused;

	if (port->mode != MODE_STARTTLS || port->done > 0 || without == 0)
		return false;
	if (!masked &&
	    (!view->known->offers_starttls || without < TRIES_FOR_STRIPPED ||
		signs_sibling_offers_starttls(
		    view->round, view->evidence->target, port->port)))
		return false;
	if (view->early_ttl > 0)
		rule_place(view, out, view->early_ttl - 1);
	rule_decide_placed(
	    out, OUTCOME_INTERCEPTED, MECHANISM_STARTTLS_STRIPPED);
	if (masked)
		return rule_say(out,
		    "the greeting or the offer of STARTTLS was "
		    "overwritten in place, as an inspecting "
		    "firewall does");
	return rule_say(out,
	    "the endpoint offers STARTTLS, but not here: %s in %d of %d tries",
	    port->no_starttls > 0 ? "missing" : "refused after the offer",
	    without, port->tries);
}

bool rule_key(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port, *other;

	if (!signs_key_unknown(view->known, &port->best->tls))
		return false;
	other = signs_port_with_known_key(view->evidence, view->known, port);
	if (other == NULL)
		return false;
	if (view->early_ttl > 0 && signs_greeting_differs(view->evidence, port))
		return false;
	if (view->early_ttl > 0)
		rule_place(view, out, view->early_ttl - 1);
	rule_decide_placed(out, OUTCOME_INTERCEPTED, MECHANISM_TLS_INTERCEPTED);
	return rule_say(out,
	    "port %u shows the endpoint's known key, port %u another one",
	    other->port, port->port);
}

/* A load balancer may serve ports at different depths, near the endpoint. So
 * an early answer convicts by itself only in the nearer half of the path;
 * farther out it takes a second sign, and one hop before the endpoint another
 * endpoint that is answered from the same hop. */
static bool is_early_beyond_doubt(const struct view *view)
{
	if (signs_early_elsewhere(view->round, view->evidence->target,
		view->port->port, view->early_ttl))
		return true;
	if (view->early_ttl >= view->hops - 1)
		return false;
	return view->early_ttl <= (view->hops + 1) / 2 ||
	       signs_greeting_differs(view->evidence, view->port) ||
	       signs_key_differs(view->evidence, view->known, view->port);
}

bool rule_redirect(const struct view *view, struct diagnosis *out)
{
	if (view->early_ttl == 0 || !is_early_beyond_doubt(view))
		return false;
	rule_place(view, out, view->early_ttl - 1);
	rule_decide_placed(out, OUTCOME_INTERCEPTED, MECHANISM_REDIRECT);
	return rule_say(out,
	    "the handshake on port %u already ends at hop %d; the endpoint is "
	    "%d hops away",
	    view->port->port, view->early_ttl, view->hops);
}

bool rule_reachable(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (port->done > 0) {
		rule_decide(out, OUTCOME_REACHABLE, MECHANISM_OPEN);
		return rule_say(out, "the whole dialogue passed");
	}
	if (port->rejected > 0) {
		rule_decide(out, OUTCOME_REACHABLE, MECHANISM_REJECTED);
		return rule_say(out, "the endpoint answered %d in stage %s",
		    port->best->smtp.code,
		    port->best->ended == STAGE_BANNER ? "banner" : "ehlo");
	}
	if (port->no_starttls > 0) {
		rule_decide(out, OUTCOME_REACHABLE, MECHANISM_OPEN);
		out->plaintext = true;
		return rule_say(
		    out, "the dialogue passed; STARTTLS is not offered");
	}
	if (port->starttls_refused > 0) {
		rule_decide(out, OUTCOME_REACHABLE, MECHANISM_REJECTED);
		return rule_say(out, "STARTTLS was offered and then refused");
	}
	return false;
}

/* ICMP errors came while the connection stood: all that is left of them is
 * the errno that they make. */
static bool had_icmp(const struct probe_seen *stalled)
{
	return stalled->failure == FAILURE_TIMEOUT && stalled->sys_errno != 0 &&
	       stalled->sys_errno != ETIMEDOUT &&
	       stalled->sys_errno != EMSGSIZE;
}

/* A server's certificate is the first large packet that it sends, and some
 * paths lose all large ones (RFC 2923, 2.1). So silence in TLS is this port's
 * own only where another port got through TLS. */
static bool may_be_packet_size(const struct view *view)
{
	const struct port_evidence *other;
	size_t i;

	if (view->port->reset_after > 0 ||
	    view->port->best->ended != STAGE_TLS || had_icmp(view->port->best))
		return false;
	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other->best != NULL && other->best->ended > STAGE_TLS)
			return false;
	}
	return true;
}

/* Ports of one endpoint may be served at depths that differ by so much. */
#define DEPTHS_APART 1

/* It answers from the endpoint's distance, and does not break off itself. */
static bool goes_on(const struct view *view, const struct port_evidence *other)
{
	int ttl = evidence_answer_ttl(other);

	if (other == view->port || !evidence_answered(other))
		return false;
	if (ttl != OBSERVE_ABSENT &&
	    (ttl < view->hops ||
		ttl + DEPTHS_APART < evidence_answer_ttl(view->port)))
		return false;
	if (other->mode == MODE_CONNECT)
		return true;
	return other->connected == 0 || other->done + other->rejected +
						other->no_starttls +
						other->starttls_refused >
					    0;
}

static const struct port_evidence *port_that_goes_on(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (goes_on(view, &view->evidence->ports[i]))
			return &view->evidence->ports[i];
	return NULL;
}

/* The handshake stood and then something broke, every time. Reset and silence
 * convict where a control goes on and the handshake is known to have come
 * from the endpoint's own distance. */
bool rule_after_connect(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	const struct port_evidence *other = port_that_goes_on(view);
	bool reset = port->reset_after > 0;

	if (port->connected == 0 ||
	    port->stalled_after + port->reset_after == 0)
		return false;
	if (other == NULL || view->hops == OBSERVE_ABSENT ||
	    evidence_answer_ttl(port) < view->hops) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "the connection %s after the handshake, and no control "
		    "tells whose doing it is",
		    reset ? "was reset" : "fell silent");
	}
	if (may_be_packet_size(view)) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "the connection fell silent in TLS, and no other port got "
		    "through TLS: the path may lose large packets");
	}
	rule_decide(out, OUTCOME_FILTERED,
	    reset ? MECHANISM_RESET_AFTER_CONNECT
		  : MECHANISM_STALL_AFTER_CONNECT);
	return rule_say(out,
	    "port %u shook hands from the endpoint's distance (%d hops), then "
	    "%s%s; port %u goes on",
	    port->port, view->hops, reset ? "was reset" : "fell silent",
	    had_icmp(port->best) ? " under ICMP errors" : "", other->port);
}

/* It connects and speaks, but not the protocol that was asked for. */
bool rule_wrong_protocol(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (port->connected == 0)
		return false;
	if (port->handshakes == port->connected) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "%d of %d connects passed, and there was no dialogue",
		    port->handshakes, port->tries);
	}
	if (view->hops != OBSERVE_ABSENT && evidence_answer_ttl(port) >= 0 &&
	    evidence_answer_ttl(port) >= view->hops) {
		rule_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return rule_say(out, "the endpoint itself %s",
		    port->closed_after > 0 ? "closes the connection early"
					   : "does not speak as asked");
	}
	rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return rule_say(out,
	    "something answers, but %s, and no path trace tells "
	    "whether it is the endpoint",
	    port->closed_after > 0 ? "closes early"
	    : port->protocol > 0   ? "not with SMTP"
				   : "TLS fails");
}
