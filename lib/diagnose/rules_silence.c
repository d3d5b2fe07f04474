/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules_silence.h"

#include <stdio.h>

#include "lib/diagnose/counted.h"
#include "lib/diagnose/looks.h"
#include "lib/diagnose/place.h"

/* The first TTL that its packets do not reach, while routers up to there let
 * other ports pass, and surely are no part of the endpoint. OBSERVE_ABSENT:
 * nothing shows that. */
static int stopped_before(const struct view *view)
{
	const struct path_break *path = &view->path;
	int before = path->before;

	if (path->thinned)
		return OBSERVE_ABSENT;
	if (before == OBSERVE_ABSENT && path->last_router != NULL &&
	    round_hop_is_shared(
		view->round, view->target, &path->last_router->address))
		before = path->before_with_last;
	if (before == OBSERVE_ABSENT || !breaks_asked_up_to(view->port, before))
		return OBSERVE_ABSENT;
	return before;
}

/* The same port is known to be served, and what stops it stands before the
 * site, or stops another owner's that is, too. */
static bool is_beyond_site_and_served(const struct view *view)
{
	struct suspicion stops;

	return suspicion_of(view->evidence, view->port, view->known,
		   SUSPICION_STOPS_SERVED, &stops) &&
	       (suspicion_is_near_here(&stops) ||
		   round_shows_elsewhere(
		       view->round, view->target, view->port->port, &stops));
}

/* It is no one site's own firewall that stops it: that stands in the farther
 * half of the path, before the endpoints of one owner, or of one hoster's few;
 * of ports that are known to be served, two owners' are enough. */
static bool is_no_sites(const struct view *view)
{
	struct suspicion stops;

	return suspicion_of(view->evidence, view->port, view->known,
		   SUSPICION_STOPS, &stops) &&
	       (suspicion_is_near_here(&stops) ||
		   round_shows_elsewhere(
		       view->round, view->target, view->port->port, &stops) ||
		   is_beyond_site_and_served(view) ||
		   view_is_shown_elsewhere(view, SUSPICION_VANISHES));
}

/* "hop 2 (198.51.100.2)", or "this host". */
static const char *name_hop(
    const struct view *view, int hop, char *text, size_t size)
{
	struct addr address = looks_address(view->evidence, view->port, hop);
	char name[ADDR_TEXT_SIZE];

	if (hop == 0)
		snprintf(text, size, "this host");
	else
		snprintf(text, size, "hop %d (%s)", hop,
		    addr_format(&address, name));
	return text;
}

static bool say_stopped(
    const struct view *view, struct diagnosis *out, const char *tries)
{
	/* Placed already. */
	char after[80];

	return view_say(out,
	    "%s; packets to port %u end after %s, those to other ports pass "
	    "hop %d",
	    tries, view->port->port,
	    name_hop(view, view->path.after, after, sizeof(after)),
	    out->before_hop);
}

bool rule_cut_off(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	int before = stopped_before(view);
	char tries[80];

	if (!counted_was_shut_meanwhile(port) || view->control == NULL ||
	    view->control->timeouts > 0 || before == OBSERVE_ABSENT ||
	    !is_no_sites(view))
		return false;
	view_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	place_between(
	    view, out, view->path.after, before, host_proof_of_silence(port));
	snprintf(tries, sizeof(tries), "%d tries passed and then %d did not",
	    port->connected, port->timeouts);
	return say_stopped(view, out, tries);
}

bool rule_throttle(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port, *control;

	if (!view_is_shown_elsewhere(view, SUSPICION_THROTTLED))
		return false;
	control = counted_steady_control(view->evidence, port);
	view_decide(out, OUTCOME_FILTERED, MECHANISM_THROTTLE);
	return view_say(out,
	    "%d of %d connects passed on port %u, %d of %d on port %u; the "
	    "same at other owners' endpoints",
	    port->connected, port->tries, port->port, control->connected,
	    control->tries, control->port);
}

bool rule_no_family(const struct view *view, struct diagnosis *out)
{
	char from[ADDR_TEXT_SIZE];

	if (!evidence_is_mute(view->port) && view->port->unreachable == 0)
		return false;
	if (!view->family->no_route)
		return false;
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_ROUTE);
	return view_say(out,
	    "IPv%d does not work here: a router, %s, says of every endpoint "
	    "that it has no route",
	    view->evidence->target->family,
	    addr_format(&view->family->no_route_from, from));
}

bool rule_offline(const struct view *view, struct diagnosis *out)
{
	if (!evidence_is_mute(view->port) || view->family->answered ||
	    view->family->routed)
		return false;
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_OFFLINE);
	return view_say(out,
	    "no endpoint and no router beyond the first answered anything over "
	    "IPv%d",
	    view->evidence->target->family);
}

bool rule_path_break(const struct view *view, struct diagnosis *out)
{
	int before = stopped_before(view);
	char tries[40];

	if (!evidence_is_silent(view->port) || before == OBSERVE_ABSENT ||
	    !is_no_sites(view))
		return false;
	view_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	place_between(view, out, view->path.after, before,
	    host_proof_of_silence(view->port));
	snprintf(
	    tries, sizeof(tries), "%d tries unanswered", view->port->tries);
	return say_stopped(view, out, tries);
}

/* The same port of another owner's endpoint answers. */
static bool is_answered_elsewhere(const struct view *view)
{
	const struct suspicion answered = {.kind = SUSPICION_ANSWERED};

	return round_shows_elsewhere(
	    view->round, view->target, view->port->port, &answered);
}

bool rule_far_break(const struct view *view, struct diagnosis *out)
{
	char after[80];

	if (!evidence_is_silent(view->port) ||
	    stopped_before(view) == OBSERVE_ABSENT)
		return false;
	name_hop(view, view->path.after, after, sizeof(after));
	if (!endpoint_serves(view->known, view->port->port) &&
	    is_answered_elsewhere(view)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_SILENT);
		return view_say(out,
		    "packets to port %u end after %s, in the endpoint's half "
		    "of the path, and another owner's endpoint answers on this "
		    "port",
		    view->port->port, after);
	}
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "packets to port %u end after %s, as far off as the firewall of "
	    "the endpoint's own site may be: other owners' endpoints would "
	    "decide",
	    view->port->port, after);
}

/* The TTL at which the endpoint is reached on `other`, behind this port's last
 * hop; 0: it is not. Another way may have the same last hop, at a TTL of its
 * own; and a balancer that sends `other` on may answer for itself right behind,
 * where it is known to serve this port, too. */
static int reached_behind(
    const struct view *view, const struct port_evidence *other)
{
	int ttl = evidence_answer_ttl(other), after = view->path.after;

	if (ttl > after && other->looks[after + 1].own &&
	    looks_same_hop(view->port, after, other, after) &&
	    endpoint_serves(view->known, view->port->port))
		return after + 1;
	if (ttl > 1 && looks_same_hop(view->port, after, other, ttl - 1))
		return after + 1;
	return ttl > after && looks_same_way(view->port, other, after) ? ttl
								       : 0;
}

/* The nearest TTL behind its last hop at which the endpoint is reached on
 * another port, and up to which this one's packets were asked for; 0: there is
 * none. */
static int answered_behind(const struct view *view)
{
	int after = view->path.after, nearest = 0, ttl;
	const struct port_evidence *other;
	size_t i;

	for (i = 0; after > 0 && after < OBSERVE_HOPS_MAX &&
		    i < view->evidence->nports;
	     i++) {
		other = &view->evidence->ports[i];
		ttl = other != view->port ? reached_behind(view, other) : 0;
		if (ttl > 0 && (nearest == 0 || ttl < nearest))
			nearest = ttl;
	}
	return breaks_asked_up_to(view->port, nearest) ? nearest : 0;
}

/* By one way, as far as is known: no router answered either port at two TTLs,
 * so that the hop of one may be held against the answer of the other. */
static bool is_one_length(
    const struct view *view, const struct port_evidence *other)
{
	return looks_apart(view->port, view->port) == 0 &&
	       looks_apart(other, other) == 0 &&
	       breaks_asked_up_to(view->port, view->path.after);
}

/* A port by which the endpoint is reached right behind this one's last hop,
 * while no port shows a router there; the lowest, or NULL. */
static const struct port_evidence *control_right_behind(const struct view *view)
{
	const struct port_evidence *other, *found = NULL;
	int after = view->path.after;
	size_t i;

	if (after < 1 || after >= OBSERVE_HOPS_MAX || view->path.contrast ||
	    !breaks_asked_up_to(view->port, after + 1))
		return NULL;
	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other != view->port &&
		    reached_behind(view, other) == after + 1 &&
		    is_one_length(view, other) &&
		    (found == NULL || other->port < found->port))
			found = other;
	}
	return found;
}

/* A port that answered from the controls' distance, and whose packets go the
 * same way as this one's, of which the last hop before it answered. */
static const struct port_evidence *control_on_the_way(const struct view *view)
{
	const struct port_evidence *other, *found = NULL;
	int after = view->path.after;
	size_t i;

	if (view->control == NULL || !view->control->traced ||
	    view->hops == OBSERVE_ABSENT || after < 1 || after < view->hops - 1)
		return NULL;
	for (i = 0; i < view->evidence->nports; i++) {
		other = &view->evidence->ports[i];
		if (other != view->port &&
		    evidence_answer_ttl(other) == view->hops &&
		    is_one_length(view, other) &&
		    looks_same_way(view->port, other,
			after < view->hops ? after : view->hops - 1) &&
		    (found == NULL || other->port < found->port))
			found = other;
	}
	return found;
}

bool rule_far_end(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *control = control_right_behind(view);
	int distance = view->path.after + 1;
	char after[80];

	if (control == NULL) {
		control = control_on_the_way(view);
		distance = view->hops;
	}
	if (!evidence_is_silent(view->port) || view->path.thinned ||
	    control == NULL)
		return false;
	name_hop(view, view->path.after, after, sizeof(after));
	if (!endpoint_serves(view->known, view->port->port)) {
		view_decide(out, OUTCOME_ENDPOINT, MECHANISM_SILENT);
		return view_say(out,
		    "packets to port %u pass every hop up to the last, %s, and "
		    "the endpoint does not answer them; port %u is answered",
		    view->port->port, after, control->port);
	}
	if (!view_is_shown_elsewhere(view, SUSPICION_VANISHES)) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "packets to port %u pass every hop up to the last, %s, and "
		    "no answer comes: the endpoint's own firewall may do so; "
		    "another owner's would decide",
		    view->port->port, after);
	}
	view_decide(out, OUTCOME_FILTERED, MECHANISM_DROP_REPLY);
	place_far_end(view, out, distance);
	return view_say(out,
	    "packets to port %u, which is served, pass every hop up to the "
	    "last, %s, and no answer comes, nor from another owner's; "
	    "port %u is answered",
	    view->port->port, after, control->port);
}

/* The first TTL that its packets do not reach. It is no one endpoint's doing,
 * so that a router may be its last one. 0: nothing shows that. */
static int vanished_before(const struct view *view)
{
	int before = view->path.before_with_last;

	return before != OBSERVE_ABSENT && view->path.after > 0 &&
		       breaks_asked_up_to(view->port, before)
		   ? before
		   : answered_behind(view);
}

bool rule_vanishes(const struct view *view, struct diagnosis *out)
{
	enum host_proof proof = host_proof_of_silence(view->port);
	int before = vanished_before(view);

	if (!view_is_shown_elsewhere(view, SUSPICION_VANISHES))
		return false;
	view_decide(out, OUTCOME_FILTERED, MECHANISM_DROP);
	if (before > 0 && !view->path.thinned)
		place_between(view, out, view->path.after, before, proof);
	else
		place_unseen(view, out, proof);
	return view_say(out,
	    "%d tries unanswered, although the port is served and port %u is "
	    "answered; the same at another owner's endpoint",
	    view->port->tries, view->control->port);
}

static bool is_silent_everywhere(const struct view *view)
{
	size_t i;

	for (i = 0; i < view->evidence->nports; i++)
		if (!evidence_is_mute(&view->evidence->ports[i]))
			return false;
	return true;
}

/* Another port was traced too, and went no farther. */
static bool is_alike(const struct view *view)
{
	bool alike = false;
	size_t i;

	for (i = 0; i < view->evidence->nports; i++) {
		const struct port_evidence *other = &view->evidence->ports[i];

		if (other == view->port || !other->traced)
			continue;
		if (looks_last_hop(other) > view->path.after)
			return false;
		alike = true;
	}
	return alike;
}

bool rule_down(const struct view *view, struct diagnosis *out)
{
	const struct looks *last = &view->port->looks[view->path.after];

	if (!evidence_is_mute(view->port) || !is_silent_everywhere(view) ||
	    last->hop == NULL || !is_alike(view) ||
	    !round_hop_is_last(view->round, view->target, &last->hop->address))
		return false;
	view_decide(out, OUTCOME_ENDPOINT, MECHANISM_DOWN);
	return view_say(
	    out, "no port answers, and the path reaches its last hop");
}

/* What is missing, and would decide. */
static const char *what_is_missing(const struct view *view)
{
	const struct port_evidence *port = view->port;

	if (port->nearest != NULL || port->icmp_path != NULL)
		return "silent to connects, but the path trace was answered: "
		       "loss, or a change while it was measured; try again";
	if (view->evidence->target->untraced)
		return "silent, and this host cannot trace paths: two "
		       "endpoints that are known to serve the port would "
		       "decide";
	if (port->timeouts < EVIDENCE_SILENT_TRIES)
		return "silent in one try, which may be loss; a second one "
		       "would decide";
	if (view->path.thinned)
		return "silent, but some of its packets pass where most of "
		       "them end: a limit, or loss; another endpoint would "
		       "decide";
	if (looks_paths_differ(view->evidence, port))
		return "silent, and its packets go another way than those to "
		       "other ports; another endpoint that serves it would "
		       "decide";
	if (view->control == NULL)
		return "no port of this address answers, and no packets go "
		       "farther than this port's; one that answers would "
		       "decide";
	if (view->path.contrast)
		return "silent, but too few answers of the routers behind to "
		       "compare with; more looks would decide";
	return "silent, and its last hops are silent for other ports too: the "
	       "endpoint's own firewall is as likely; another endpoint that "
	       "is known to serve the port would decide";
}

bool rule_no_control(const struct view *view, struct diagnosis *out)
{
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out, "%s", what_is_missing(view));
}
