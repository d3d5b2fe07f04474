/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/rules_intercepted.h"

#include "lib/diagnose/foreign_key.h"
#include "lib/diagnose/identity.h"
#include "lib/diagnose/place.h"
#include "lib/diagnose/receipts.h"
#include "lib/diagnose/signs.h"

/* Whoever answers so early is on the control's path, and does not show what the
 * endpoint alone can show. */
static bool answers_early(const struct view *view, struct suspicion *early)
{
	return suspicion_of(view->evidence, view->port, view->known,
		   SUSPICION_EARLY_ACCEPT, early) &&
	       !identity_shows_the_endpoint(
		   view->evidence, view->known, view->port);
}

static bool is_redirected(const struct view *view, struct suspicion *early)
{
	return answers_early(view, early) && view_is_beyond_doubt(view, early);
}

static void place_if_early(const struct view *view, struct diagnosis *out)
{
	struct suspicion early;

	if (is_redirected(view, &early))
		place_early(view, out, early.ttl);
}

/* Where a router answers early, or one behind the last that did. */
static void place_answerer(const struct view *view, struct diagnosis *out)
{
	place_if_early(view, out);
	if (out->where == WHERE_NONE)
		place_unseen(view, out, host_proof_of_answer(view->port));
}

/* One endpoint's word alone accuses nobody: it may be full, or have a firewall
 * or a new key of its own, or its TLS may be switched off, whatever is known of
 * it. But who answers early on its way is not the endpoint; a beacon has the
 * receipt for that. */
static bool is_one_owners(const struct view *view, enum suspicion_kind beacons,
    enum suspicion_kind others)
{
	struct suspicion early;

	if (endpoint_signs(view->known))
		return !view_is_shown_elsewhere(view, beacons);
	return !view_is_shown_elsewhere(view, others) &&
	       !is_redirected(view, &early);
}

/* Whoever has done that: at every address of the endpoint, or in place. */
static bool is_without_starttls(const struct view *view)
{
	const struct port_evidence *port = view->port;

	return identity_lacks_starttls(view->evidence, view->known, port) &&
	       (identity_is_masked(view->evidence, port) ||
		   round_siblings_lack_starttls(
		       view->round, view->target, port->port));
}

bool rule_stripped(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	bool masked = identity_is_masked(view->evidence, port);
	int without = port->bare + port->starttls_refused;

	if (!is_without_starttls(view) ||
	    is_one_owners(view, SUSPICION_NO_STARTTLS, SUSPICION_STRIPPED))
		return false;
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_STARTTLS_STRIPPED);
	place_if_early(view, out);
	if (masked)
		return view_say(out,
		    "the greeting or the offer of STARTTLS was overwritten in "
		    "place, as an inspecting firewall does");
	return view_say(out,
	    "the endpoint offers STARTTLS, but not here: %s in %d of %d tries",
	    port->bare > 0 ? "missing" : "refused after the offer", without,
	    port->tries);
}

bool rule_key(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port, *other;
	struct suspicion early;

	if (!identity_key_unknown(view->known, &port->best->tls))
		return false;
	other = identity_port_with_known_key(view->evidence, view->known, port);
	if (other == NULL)
		return false;
	if (is_redirected(view, &early) &&
	    signs_greeting_differs(view->evidence, port))
		return false; /* not TLS alone: another server */
	if (is_one_owners(view, SUSPICION_FOREIGN_KEY, SUSPICION_OTHER_KEY))
		return false;
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_TLS_INTERCEPTED);
	if (endpoint_signs(view->known))
		place_answerer(view, out);
	else
		place_if_early(view, out);
	return view_say(out,
	    "port %u shows the endpoint's known key, port %u another one",
	    other->port, port->port);
}

bool rule_signed_key(const struct view *view, struct diagnosis *out)
{
	if (!view_is_shown_elsewhere(view, SUSPICION_FOREIGN_KEY))
		return false;
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_TLS_INTERCEPTED);
	place_answerer(view, out);
	return view_say(out,
	    "port %u shows another key than the beacon signed for, at another "
	    "owner's beacon too",
	    view->port->port);
}

bool rule_redirect(const struct view *view, struct diagnosis *out)
{
	struct suspicion early;

	if (!is_redirected(view, &early))
		return false;
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_REDIRECT);
	place_early(view, out, early.ttl);
	return view_say(out,
	    "the handshake on port %u already ends at hop %d; the endpoint is "
	    "%d hops away or more, by the same path",
	    view->port->port, early.ttl, early.ttl + early.gap);
}

bool rule_one_key(const struct view *view, struct diagnosis *out)
{
	enum foreign_key who = foreign_key_of(
	    view->round, view->target, view->port);

	if (who == FOREIGN_KEY_ALONE ||
	    view_is_shown_elsewhere(view, SUSPICION_NO_RECEIPT))
		return false; /* or not TLS alone: another server */
	if (who == FOREIGN_KEY_SHARED) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "port %u shows one and the same key at endpoints of two "
		    "owners, which may be their vendor's default; the same at "
		    "a third owner's would show that it is the path",
		    view->port->port);
	}
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_TLS_INTERCEPTED);
	place_answerer(view, out);
	return view_say(out,
	    "port %u shows one and the same key at endpoints of several owners "
	    "in several networks; none is known to have it, and no authority "
	    "vouches for it",
	    view->port->port);
}

/* What was done to the dialogue, as far as it shows. */
static const char *what_differs(const struct view *view)
{
	if (receipts_ehlo_differs(view->evidence, view->port))
		return "the beacon saw another EHLO than was sent";
	if (identity_is_masked(view->evidence, view->port))
		return "a keyword of the beacon's reply was overwritten";
	return "EHLO was answered without the beacon's receipt";
}

bool rule_receipt(const struct view *view, struct diagnosis *out)
{
	const char *what = what_differs(view);

	if (!receipts_lack(view->evidence, view->port))
		return false;
	if (!view_is_shown_elsewhere(view, SUSPICION_NO_RECEIPT)) {
		view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
		return view_say(out,
		    "%s, and that is right on another port; the same at a "
		    "second owner's beacon in another network would show that "
		    "it is the path",
		    what);
	}
	view_decide(out, OUTCOME_INTERCEPTED, MECHANISM_REDIRECT);
	place_answerer(view, out);
	return view_say(out,
	    "%s, at another owner's beacon too; on other ports both saw what "
	    "was sent",
	    what);
}

bool rule_one_beacon(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	const char *what;

	if (!endpoint_signs(view->known))
		return false;
	if (identity_is_masked(view->evidence, port) && port->done == 0)
		what = "what the beacon says was overwritten in place";
	else if (identity_lacks_starttls(view->evidence, view->known, port))
		what = port->bare > 0
			   ? "the beacon's offer of STARTTLS is missing"
			   : "STARTTLS was refused after the offer";
	else if (identity_foreign_key_at_beacon(
		     view->evidence, view->known, port))
		what = "it shows another key than the beacon's own";
	else
		return false;
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s; the same at a second owner's beacon in another network would "
	    "show that it is the path",
	    what);
}

bool rule_one_endpoint(const struct view *view, struct diagnosis *out)
{
	const struct port_evidence *port = view->port;
	const char *what;

	if (endpoint_signs(view->known))
		return false;
	if (is_without_starttls(view))
		what = identity_is_masked(view->evidence, port)
			   ? "what it says was overwritten in place"
		       : port->bare > 0
			   ? "its offer of STARTTLS is missing"
			   : "STARTTLS was refused after the offer";
	else if (identity_foreign_key_by_nobody(
		     view->evidence, view->known, port))
		what = "it shows another key than is known of it, and another "
		       "port the known one";
	else
		return false;
	view_decide(out, OUTCOME_UNKNOWN, MECHANISM_NO_CONTROL);
	return view_say(out,
	    "%s; the endpoint may do so by itself, and the same at a second "
	    "owner's would show that it is the path",
	    what);
}
