/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules_dialogue.h"

#include <errno.h>
#include <stdio.h>

#include "lib/diagnose/receipts.h"

static const char *stage_name(enum stage stage)
{
	switch (stage) {
	case STAGE_BANNER:
		return "before a greeting";
	case STAGE_EHLO:
		return "after EHLO";
	case STAGE_STARTTLS:
		return "after STARTTLS";
	case STAGE_TLS:
		return "in the TLS handshake";
	default:
		return "after the TLS handshake";
	}
}

bool rule_reachable(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (port->done > 0) {
		view_decide(out, OUTCOME_REACHABLE, MECHANISM_OPEN);
		return view_say(out, "the whole dialogue passed%s%s",
		    port->tls_first ? ", with TLS first" : "",
		    receipts_right(view->evidence, port) != NULL
			? ", and the beacon signed that it saw it so"
			: "");
	}
	if (port->rejected > 0) {
		view_decide(out, OUTCOME_REACHABLE, MECHANISM_REJECTED);
		return view_say(out, "the endpoint answered %d in stage %s",
		    port->best->smtp.code,
		    port->best->ended == STAGE_BANNER ? "banner" : "ehlo");
	}
	if (port->no_starttls > 0) {
		view_decide(out, OUTCOME_REACHABLE, MECHANISM_OPEN);
		out->plaintext = true;
		return view_say(
		    out, "the dialogue passed; STARTTLS is not offered");
	}
	if (port->starttls_refused > 0) {
		view_decide(out, OUTCOME_REACHABLE, MECHANISM_REJECTED);
		return view_say(out, "STARTTLS was offered and then refused");
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

/* A ClientHello with a key of a post-quantum group is the first large packet
 * that we send, and a server's certificate the first that it sends; some paths
 * lose all large ones (RFC 2923, 2.1). So silence in TLS, also of one who
 * acknowledges nothing there, is this port's own only if another port got
 * through TLS. */
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

/* Its far side said something before it fell silent. What shakes hands and
 * takes nothing may be a SYN proxy whose server is away. */
static bool has_spoken(const struct port_evidence *port)
{
	const struct probe_seen *best = port->best;

	return best->ended >
	       (best->mode == MODE_TLS ? STAGE_TLS : STAGE_BANNER);
}

/* Something shows that it was the path, not the endpoint: another owner's
 * endpoint shows the same; or three owners' do, to which others get through.
 * One of these alone may be full, or not let this client in, or have a firewall
 * of its own that eats what is sent on it. */
static const char *path_hand(const struct view *view)
{
	struct suspicion breaks;

	if (!suspicion_of(view->evidence, view->port, view->known,
		SUSPICION_BREAKS, &breaks))
		return NULL;
	if (view_is_shown_elsewhere(view, SUSPICION_BROKEN))
		return "another owner's endpoint shows the same";
	if (view_is_shown_elsewhere(view, SUSPICION_BREAKS_HERE))
		return "two other owners' endpoints show the same, while "
		       "others get through to all of them";
	return NULL;
}

static bool say_unplaced(
    const struct view *view, struct diagnosis *out, const char *what)
{
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	if (view->early_ttl > 0)
		return view_say(out,
		    "%s %s at hop %d, which may be the endpoint's balancer; "
		    "other owners' endpoints would decide",
		    what, stage_name(view->port->best->ended), view->early_ttl);
	return view_say(out, "%s %s; %s would decide", what,
	    stage_name(view->port->best->ended),
	    suspicion_is_own_distance(view->evidence, view->port)
		? "another port that goes on"
		: "a path trace that shows whether it is the endpoint");
}

/* Whose fault it is, if anybody's, is not said of so few. */
static bool say_chance(
    const struct view *view, struct diagnosis *out, const char *what)
{
	int stalls = view->port->stalled_after;

	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s %s, in %d %s, which may be loss; more tries would decide", what,
	    stage_name(view->port->best->ended), stalls,
	    stalls == 1 ? "try" : "tries");
}

bool rule_after_connect(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	const struct port_evidence *other = suspicion_port_that_goes_on(
	    view->evidence, port);
	const char *hand = path_hand(view);
	bool reset = port->reset_after > 0;
	const char *what = reset ? "the connection was reset"
				 : "the connection fell silent";

	if (port->connected == 0 ||
	    port->stalled_after + port->reset_after == 0)
		return false;
	if (may_be_packet_size(view)) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "the connection fell silent in TLS, and no other port got "
		    "through TLS: the path may lose large packets");
	}
	if (hand != NULL && other != NULL) {
		view_decide(out, OUTCOME_FILTERED,
		    reset ? MECHANISM_RESET_AFTER_CONNECT
			  : MECHANISM_STALL_AFTER_CONNECT);
		return view_say(out,
		    "port %u shook hands from the endpoint's distance, then "
		    "%s%s; port %u goes on, and %s",
		    port->port, reset ? "was reset" : "fell silent",
		    had_icmp(port->best) ? " under ICMP errors" : "",
		    other->port, hand);
	}
	if (hand == NULL && port->cut_off > 0) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "%s %s, and takes nothing: the path may eat it, or %s; "
		    "another owner's endpoint would decide",
		    what, stage_name(port->best->ended),
		    has_spoken(port) ? "the endpoint's own firewall does"
				     : "a SYN proxy has no server behind it");
	}
	if (view->early_ttl > 0 ||
	    (port->alive == 0 && (other == NULL || !suspicion_is_own_distance(
						       view->evidence, port))))
		return say_unplaced(view, out, what);
	if (view_is_shown_elsewhere(
		view, reset ? SUSPICION_BREAKS : SUSPICION_STALLS)) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "%s %s, at another owner's endpoint too: both servers may "
		    "%s",
		    what, stage_name(port->best->ended),
		    reset ? "do so by themselves, and no reset is known to "
			    "come from before them"
			  : "be slow, or the path may eat what they say");
	}
	if (!suspicion_breaks_surely(port, true))
		return say_chance(view, out, what);
	view_decide(out, OUTCOME_ENDPOINT, MECHANISM_BROKEN);
	return view_say(out, "%s %s%s%s", what, stage_name(port->best->ended),
	    port->alive > 0 ? "; the server still takes packets, so it is slow"
			    : "",
	    port->alive == 0 ? ", at this endpoint alone" : "");
}

/* What ended the dialogue, in the server's own words where it had any. */
static void describe_end(
    const struct port_evidence *port, char *text, size_t size)
{
	const struct probe_seen *best = port->best;

	if (best->tls.alert != OBSERVE_ABSENT)
		snprintf(text, size, "it sent TLS alert %d", best->tls.alert);
	else if (best->reply.text[0] != '\0')
		snprintf(text, size, "it said \"%.60s\"", best->reply.text);
	else if (port->closed_after > 0)
		snprintf(text, size, "it closes the connection");
	else if (port->protocol > 0)
		snprintf(text, size, "what it says is not SMTP");
	else
		snprintf(text, size, "TLS fails");
}

bool rule_wrong_protocol(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	char end[100];

	if (port->connected == 0)
		return false;
	if (port->handshakes == port->connected) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "%d of %d connects passed, and there was no dialogue",
		    port->handshakes, port->tries);
	}
	describe_end(port, end, sizeof(end));
	if (suspicion_is_own_name(view->evidence, port) ||
	    (view->early_ttl == 0 &&
		suspicion_is_own_distance(view->evidence, port))) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_BROKEN);
		return view_say(out,
		    "%s %s, and is the endpoint by its distance (%d hops)", end,
		    stage_name(port->best->ended), evidence_accept_ttl(port));
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "something answers, but %s %s; a path trace of this port and of a "
	    "control would tell whether it is the endpoint",
	    end, stage_name(port->best->ended));
}
