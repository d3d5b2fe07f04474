/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_advice.h"

#include <string.h>

#include "agent/explain/explain_select.h"

#define NOTES_MOST 8

#define BIT(value) (1u << (value))

/* What the page is about, and what the list of advice has so far. */
struct page {
	const struct explain_round *round;
	const struct explain_port *ports;
	size_t count;
	struct buf *out;
	size_t given;
};

static const struct explain_port *find_port(
    const struct page *page, uint16_t port)
{
	return port_state_find(page->ports, page->count, port);
}

static bool is_open(const struct page *page, uint16_t port)
{
	const struct explain_port *found = find_port(page, port);

	return found != NULL && found->state == PORT_OPEN;
}

/* Some port was stopped at one of these places (bits of enum where), in one
 * of these ways. */
static bool is_stopped_at(
    const struct page *page, unsigned places, unsigned outcomes)
{
	const struct diagnosis *diagnosis;
	size_t i;

	for (i = 0; i < page->round->count; i++) {
		diagnosis = &page->round->items[i].diagnosis;
		if ((BIT(diagnosis->outcome) & outcomes) != 0 &&
		    (BIT(diagnosis->where) & places) != 0)
			return true;
	}
	return false;
}

/* A port in this state has this mechanism. */
static bool has_state(
    const struct page *page, enum port_state state, enum mechanism mechanism)
{
	size_t i;

	for (i = 0; i < page->count; i++)
		if (page->ports[i].state == state &&
		    page->ports[i].mechanism == mechanism)
			return true;
	return false;
}

static void advise(struct page *page, const char *sentence)
{
	if (page->given++ == 0)
		buf_append_text(page->out, "\nWhat to do:\n");
	buf_printf(page->out, "- %s\n", sentence);
}

static void advise_on_host(struct page *page)
{
	if (!is_stopped_at(page, BIT(WHERE_HOST), EXPLAIN_STOPPED))
		return;
	if (has_state(page, PORT_LOCAL, MECHANISM_DENIED) ||
	    has_state(page, PORT_LOCAL, MECHANISM_NO_ROUTE))
		advise(page,
		    "This host refuses to send. As root, look for a rule or "
		    "route of type prohibit, unreachable or blackhole (ip "
		    "rule; ip route show table all), and at security modules "
		    "and sandboxes.");
	else
		advise(page,
		    "This host itself is in the way. As root, look at its "
		    "firewall's output rules (nft list ruleset; iptables -S "
		    "OUTPUT), also for single users, and at antivirus and "
		    "mail filters.");
}

static void advise_on_access(struct page *page)
{
	if (is_stopped_at(page, BIT(WHERE_ACCESS), EXPLAIN_STOPPED))
		advise(page,
		    "Look at the home router first: some let port 25 pass to "
		    "listed servers only. If it has no such setting, it is "
		    "the provider.");
}

static void advise_on_provider(struct page *page)
{
	unsigned places = BIT(WHERE_ACCESS) | BIT(WHERE_PATH) | BIT(WHERE_NONE);

	if (is_stopped_at(page, places, BIT(OUTCOME_FILTERED)))
		advise(page,
		    "Ask the provider to lift the block, and give them the "
		    "sentence above.");
}

static void advise_on_far_end(struct page *page)
{
	if (is_stopped_at(page, BIT(WHERE_FAR_END), EXPLAIN_STOPPED))
		advise(page,
		    "Either the answers are dropped on their way back, or the "
		    "far end itself drops this address: compare with other "
		    "endpoints before you ask the provider.");
}

static void advise_on_interception(struct page *page)
{
	if (is_stopped_at(page, ~0u, BIT(OUTCOME_INTERCEPTED)))
		advise(page,
		    "Somebody on the way can read and change what is sent to "
		    "this port: send no mail and no password there unless the "
		    "certificate verifies.");
}

static void advise_on_mixture(struct page *page)
{
	size_t i;

	for (i = 0; i < page->count; i++)
		if (page->ports[i].state == PORT_MIXED) {
			advise(page,
			    "The filter lets some destinations pass. Where one "
			    "of them is a relay that you may use, use it; else "
			    "ask who runs the filter for the list.");
			return;
		}
}

static void advise_on_submission(struct page *page)
{
	const struct explain_port *smtp = find_port(page, 25);
	bool open587 = is_open(page, 587), open465 = is_open(page, 465);

	if (smtp == NULL || !port_state_is_stopped(smtp->state))
		return;
	if (open587 && open465)
		advise(page,
		    "Send mail through a relay, with a login, on port 587 or "
		    "465: both work from here.");
	else if (open587 || open465)
		advise(page,
		    open587
			? "Send mail through a relay, with a login, on port "
			  "587: it works from here."
			: "Send mail through a relay, with a login, on port "
			  "465: it works from here.");
	else if (find_port(page, 587) == NULL || find_port(page, 465) == NULL)
		advise(page, "Try the ports for submission to a relay: --ports "
			     "587,465.");
	else
		advise(page,
		    "No port for submission works here either: a relay would "
		    "have to take it on another one, often 2525.");
}

static void advise_on_endpoint(struct page *page)
{
	if (has_state(page, PORT_ENDPOINT, MECHANISM_DOWN))
		advise(page,
		    "The far end is down: there is nothing to fix here. Try "
		    "again later, or with another endpoint.");
	if (has_state(page, PORT_ENDPOINT, MECHANISM_REFUSED))
		advise(page,
		    "Where the endpoint itself refuses, there is nothing to "
		    "fix here; a server that only receives mail has no port "
		    "587 or 465.");
	if (has_state(page, PORT_OPEN, MECHANISM_REJECTED))
		advise(page,
		    "The endpoint refuses by its own policy: look at this "
		    "address's reverse DNS and at block lists.");
}

static void advise_on_unknown(struct page *page)
{
	if (has_state(page, PORT_UNKNOWN, MECHANISM_OFFLINE))
		advise(page, "Look at this host's connection first.");
	if (has_state(page, PORT_UNKNOWN, MECHANISM_RESOLVE))
		advise(page,
		    "Look at the name servers of this host and at the host "
		    "names.");
	if (has_state(page, PORT_UNKNOWN, MECHANISM_NO_ROUTE))
		advise(page, "Look at this host's addresses and routes.");
	if (has_state(page, PORT_UNKNOWN, MECHANISM_NO_CONTROL))
		advise(page,
		    "Try endpoints that answer on another port too: only "
		    "against such a control can a port be called filtered.");
}

static const char *const faults[VERIFY_COUNT] = {
    [VERIFY_EXPIRED] = "it has expired",
    [VERIFY_NOT_YET_VALID] = "it is not valid yet",
    [VERIFY_SELF_SIGNED] = "it is self-signed",
    [VERIFY_NAME] = "it is for another name",
    [VERIFY_UNTRUSTED] = "its issuer is not trusted here",
    [VERIFY_OTHER] = "it is not in order",
};

/* True: there was something to note. */
static bool note_certificate(struct page *page, const struct explain_item *item)
{
	const struct probe_seen *probe = explain_best_probe(page->round, item);
	const struct target_seen *target = explain_target(page->round, item);
	char address[ADDR_TEXT_SIZE];

	if (probe == NULL || faults[probe->tls.verify] == NULL)
		return false;
	buf_printf(page->out,
	    "The certificate of %s (%s) on port %u does not verify: %s.\n",
	    target->endpoint, addr_format(&target->address, address),
	    probe->port, faults[probe->tls.verify]);
	return true;
}

static bool offers_login(
    const char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(caps[i], "AUTH") == 0)
			return true;
	return false;
}

/* An item whose endpoint offers a login only once TLS stands. */
static bool hides_login(
    const struct page *page, const struct explain_item *item)
{
	const struct probe_seen *probe = explain_best_probe(page->round, item);

	return probe != NULL && probe->mode == MODE_STARTTLS &&
	       offers_login(probe->smtp.tls_caps, probe->smtp.ntls_caps) &&
	       !offers_login(probe->smtp.caps, probe->smtp.ncaps);
}

static void note_logins(struct page *page, uint16_t port)
{
	const struct explain_selection of = {
	    page->round, port, 1u << OUTCOME_REACHABLE, 0};
	const struct explain_item *item;
	const char *endpoint, *last = "";
	size_t at = 0, named = 0;

	while ((item = explain_next(&of, &at)) != NULL && named < NOTES_MOST) {
		endpoint = explain_target(page->round, item)->endpoint;
		if (!hides_login(page, item) || strcmp(endpoint, last) == 0)
			continue;
		if (named++ == 0)
			buf_printf(page->out,
			    "Port %u offers a login (AUTH) only after "
			    "STARTTLS: %s",
			    port, endpoint);
		else
			buf_printf(page->out, ", %s", endpoint);
		last = endpoint;
	}
	if (named > 0)
		buf_append_text(page->out, ".\n");
}

/* It was silent until TLS came first. */
static bool wants_tls_first(
    const struct page *page, const struct explain_item *item)
{
	const struct target_seen *target = explain_target(page->round, item);
	const struct probe_seen *best = explain_best_probe(page->round, item);
	size_t i;

	if (best == NULL || best->mode != MODE_TLS || best->ended <= STAGE_TLS)
		return false;
	for (i = 0; i < target->nprobes; i++)
		if (target->probes[i].port == best->port &&
		    target->probes[i].mode == MODE_STARTTLS)
			return true;
	return false;
}

/* On each port that some endpoint serves otherwise than was asked. */
static void note_tls_first(struct page *page, uint16_t port)
{
	const struct explain_selection of = {
	    page->round, port, 1u << OUTCOME_REACHABLE, 0};
	const struct explain_item *item;
	size_t at = 0;

	while ((item = explain_next(&of, &at)) != NULL) {
		if (!wants_tls_first(page, item))
			continue;
		buf_printf(page->out,
		    "Port %u wants TLS first (%s): a client must be set to "
		    "TLS, not to STARTTLS.\n",
		    port, explain_target(page->round, item)->endpoint);
		return;
	}
}

/* On each diagnosis that needs it, up to a number that is still read. */
static void note_certificates(struct page *page)
{
	size_t i, notes = 0;

	for (i = 0; i < page->round->count && notes < NOTES_MOST; i++)
		notes += note_certificate(page, &page->round->items[i]);
}

static void (*const advisers[])(struct page *page) = {
    advise_on_host,
    advise_on_access,
    advise_on_provider,
    advise_on_far_end,
    advise_on_interception,
    advise_on_mixture,
    advise_on_submission,
    advise_on_endpoint,
    advise_on_unknown,
};

void explain_advice(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out)
{
	struct page page = {round, ports, count, out, 0};
	size_t i;

	note_certificates(&page);
	for (i = 0; i < count; i++) {
		note_tls_first(&page, ports[i].port);
		note_logins(&page, ports[i].port);
	}
	for (i = 0; i < sizeof(advisers) / sizeof(*advisers); i++)
		advisers[i](&page);
}
