/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules.h"

#include "lib/diagnose/signs.h"

#define TIMEOUTS_FOR_CUT_OFF 8 /* in a row */

bool rule_refused(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	int ttl = evidence_answer_ttl(port);

	if (port->refused == 0)
		return false;
	if (ttl == OBSERVE_ABSENT || view->hops == OBSERVE_ABSENT) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "refused; without a path trace and a control "
		    "nothing tells whether the endpoint or the "
		    "path said so");
	}
	if (ttl >= view->hops && ttl < evidence_farthest_hop(view->evidence)) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "a reset comes already at hop %d; other ports' packets go "
		    "farther, but no port is answered from there",
		    ttl);
	}
	if (ttl >= view->hops) {
		rule_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return rule_say(out,
		    "the refusal comes from the endpoint's own distance "
		    "(%d hops)",
		    ttl);
	}
	rule_place(view, out, ttl - 1);
	rule_decide_placed(out, OUTCOME_FILTERED, MECHANISM_RESET);
	return rule_say(out,
	    "a reset comes already at hop %d; the endpoint is %d hops away",
	    ttl, view->hops);
}

/* Host or network unreachable: what a router says of an address that is not
 * there (RFC 792; RFC 4443, 3.1), not of a policy. */
static bool is_nobody_there(const struct icmp_seen *icmp)
{
	if (icmp->from.family == 4)
		return icmp->type == 3 && (icmp->code == 0 || icmp->code == 1);
	return icmp->type == 1 && (icmp->code == 0 || icmp->code == 3);
}

static bool is_silent_everywhere(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (evidence_answered(&view->evidence->ports[i]))
			return false;
	return true;
}

/* Every port that was tried got "nobody there" from the same router. */
static bool is_down_by_icmp(const struct view *view)
{
	const struct icmp_seen *first = &view->port->icmp->icmp;
	size_t i;

	if (!is_nobody_there(first) || !is_silent_everywhere(view))
		return false;
	for (i = 0; i < view->evidence->nports; i++) {
		const struct port_evidence *other = &view->evidence->ports[i];

		if (other->icmp != NULL &&
		    (!is_nobody_there(&other->icmp->icmp) ||
			!addr_equal(&other->icmp->icmp.from, &first->from)))
			return false;
	}
	return view->evidence->nports > 1;
}

/* The hop that answers from this address on a path of this target or of
 * another one over the same family; 0: none. */
static int hop_with(const struct view *view, const struct addr *address)
{
	int ttl = evidence_hop_with(view->evidence->target, address);
	size_t i;

	for (i = 0; ttl == 0 && i < view->round->ntargets; i++)
		ttl = evidence_hop_with(&view->round->targets[i], address);
	return ttl;
}

/* That hop may never have answered on a path of this target. */
static void place_at_sender(const struct view *view, struct diagnosis *out,
    int sender, const struct addr *from)
{
	rule_place(view, out, sender);
	out->after_address = *from;
	if (sender == 1 && addr_is_private(from))
		out->where = WHERE_ACCESS;
}

/* Where an ICMP error was made: before the TTL where it first came. But its
 * sender may answer only now and then, so that the first one was of a TTL too
 * high: nothing is made behind the hop that has its sender's address, nor
 * behind the endpoint. */
static void place_icmp(
    const struct view *view, struct diagnosis *out, const struct addr *from)
{
	const struct path_seen *path = view->port->path;
	int sender = hop_with(view, from), ttl = 0;

	if (path != NULL && path->answer == ANSWER_ICMP)
		ttl = path->answer_ttl;
	if (sender > 0 && (ttl == 0 || ttl > sender))
		place_at_sender(view, out, sender, from);
	else if (ttl > 0 && (view->hops == OBSERVE_ABSENT || ttl <= view->hops))
		rule_place(view, out, ttl - 1);
}

bool rule_unreachable(const struct view *view, struct diagnosis *out)
{
	const struct icmp_seen *icmp;
	char from[ADDR_TEXT_SIZE];

	if (view->port->unreachable == 0 || view->port->icmp == NULL)
		return false;
	icmp = &view->port->icmp->icmp;
	addr_format(&icmp->from, from);
	if (addr_equal(&icmp->from, &view->evidence->target->address)) {
		rule_decide(out, OUTCOME_ENDPOINT, MECHANISM_REFUSED);
		return rule_say(out, "the endpoint itself answers ICMP %d/%d",
		    icmp->type, icmp->code);
	}
	if (is_down_by_icmp(view)) {
		rule_decide(out, OUTCOME_ENDPOINT, MECHANISM_DOWN);
		return rule_say(out,
		    "%s says on every port that nobody is there (ICMP %d/%d)",
		    from, icmp->type, icmp->code);
	}
	if (view->control == NULL) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "ICMP %d/%d from %s, and no other port answers", icmp->type,
		    icmp->code, from);
	}
	place_icmp(view, out, &icmp->from);
	rule_decide_placed(out, OUTCOME_FILTERED, MECHANISM_ICMP);
	return rule_say(out, "ICMP %d/%d from %s on this port; port %u answers",
	    icmp->type, icmp->code, from, view->control->port);
}

/* No endpoint of the round answered anything over this family. */
static bool is_offline(const struct view *view)
{
	return view->evidence->target->family == 4 ? !view->round->answered4
						   : !view->round->answered6;
}

/* All ports of the address are silent; whose silence is it? */
static bool judge_silent_address(const struct view *view, struct diagnosis *out)
{
	const struct hop_seen *last = view->port->path
					  ? evidence_last_hop(view->port->path)
					  : NULL;
	const struct port_evidence *other = evidence_silent_trace(
	    view->evidence, view->port);

	if (is_offline(view)) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_OFFLINE);
		return rule_say(out, "no endpoint answered anything over IPv%d",
		    view->evidence->target->family);
	}
	if (last != NULL && other != NULL &&
	    signs_is_last_hop(
		view->round, view->evidence->target, &last->address)) {
		rule_decide(out, OUTCOME_ENDPOINT, MECHANISM_DOWN);
		return rule_say(
		    out, "no port answers, and the path reaches its last hop");
	}
	rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return rule_say(out,
	    "no port of this address answers, so that there is "
	    "nothing to compare with");
}

/* Every hop before the endpoint that a control's path shows shows on this
 * port's path too. */
static bool passes_every_hop(const struct view *view)
{
	const struct path_seen *path = view->control->path;
	const struct hop_seen *last = evidence_last_hop(view->port->path);
	size_t i;

	if (last == NULL)
		return false;
	for (i = 0; i < path->nhops; i++)
		if (path->hops[i].ttl > last->ttl &&
		    path->hops[i].ttl < view->hops &&
		    path->hops[i].address.family != 0)
			return false;
	return true;
}

/* Not one hop answered on this port. That is the host's own doing only where
 * the first hop is known to answer others. */
static bool judge_no_hop(const struct view *view, struct diagnosis *out)
{
	const struct path_seen *path = view->control->path;

	if (path == NULL || path->nhops == 0 || path->hops[0].ttl != 1 ||
	    path->hops[0].address.family == 0) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    "dropped, but the first hop is silent on port %u too, so "
		    "that host and network cannot be told apart",
		    view->control->port);
	}
	rule_place(view, out, 0);
	rule_decide(out, OUTCOME_LOCAL, MECHANISM_DROP);
	return rule_say(out,
	    "port %u does not even reach hop 1, port %u does: this host drops "
	    "it",
	    view->port->port, view->control->port);
}

static bool judge_path_end(const struct view *view, struct diagnosis *out)
{
	const struct hop_seen *last = evidence_last_hop(view->port->path);
	char address[ADDR_TEXT_SIZE];

	if (last == NULL)
		return judge_no_hop(view, out);
	addr_format(&last->address, address);
	rule_place(view, out, last->ttl);
	if (view->control->path != NULL && view->hops != OBSERVE_ABSENT &&
	    passes_every_hop(view)) {
		out->where = WHERE_FAR_END;
		rule_decide(out, OUTCOME_FILTERED, MECHANISM_DROP_REPLY);
		return rule_say(out,
		    "every hop up to the last one, %d (%s), answers on port "
		    "%u, the endpoint does not; port %u is answered",
		    last->ttl, address, view->port->port, view->control->port);
	}
	rule_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	return rule_say(out,
	    "%d tries unanswered; the path on port %u ends after hop %d (%s), "
	    "port %u is answered",
	    view->port->tries, view->port->port, last->ttl, address,
	    view->control->port);
}

/* A throttle lets one pass now and then. */
bool rule_cut_off(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (port->connected == 0 ||
	    port->timeouts_last < TIMEOUTS_FOR_CUT_OFF ||
	    port->timeouts > port->timeouts_last || view->control == NULL ||
	    view->control->timeouts_last > 0 ||
	    (port->path != NULL && port->path->answer != ANSWER_NONE))
		return false;
	if (port->path != NULL)
		return judge_path_end(view, out);
	rule_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	return rule_say(out,
	    "%d passed and then %d tries in a row were unanswered, while port "
	    "%u of the same address answers; no path trace",
	    port->connected, port->timeouts_last, view->control->port);
}

bool rule_silent(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;

	if (view->control == NULL && is_silent_everywhere(view))
		return judge_silent_address(view, out);
	if (view->control == NULL || port->tries < 2 ||
	    (port->path != NULL && port->path->answer != ANSWER_NONE)) {
		rule_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return rule_say(out,
		    port->path != NULL && port->path->reached
			? "silent to connects, but the path trace was "
			  "answered: "
			  "loss, or a change while it was measured"
			: "silent, and nothing good enough to compare with");
	}
	if (port->path != NULL)
		return judge_path_end(view, out);
	rule_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	return rule_say(out,
	    "%d tries unanswered while port %u of the same address answers; "
	    "no path trace",
	    port->tries, view->control->port);
}
