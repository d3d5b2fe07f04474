/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_advice.h"

#include <string.h>

#include "agent/explain/explain_select.h"
#include "agent/explain/place.h"
#include "agent/explain/surroundings.h"

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
		    "Look at the first router: at home some let port 25 pass "
		    "to listed servers only; a virtual machine's or "
		    "container's is its gateway. If it has no such setting, "
		    "it is the provider.");
}

static void advise_on_link(struct page *page)
{
	if (is_stopped_at(page, BIT(WHERE_LINK), EXPLAIN_STOPPED))
		advise(page,
		    "It leaves this host and does not get into the first "
		    "router. At a hoster, look first at the security group or "
		    "firewall of this machine in the provider's console; at "
		    "home or in an office, at that router's own rules.");
	if (is_stopped_at(page, BIT(WHERE_HOST_OR_PATH), EXPLAIN_STOPPED))
		advise(page,
		    "Look at this host's own firewall first (as root: nft list "
		    "ruleset; iptables -S OUTPUT). If it has no such rule, it "
		    "is the network.");
}

/* One endpoint alone is stopped, and in the farther half of the path, where its
 * own site may be; what two show there is no one endpoint's. */
static bool is_one_site(const struct page *page)
{
	const struct explain_round *round = page->round;
	const char *endpoint, *first = NULL;
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (round->items[i].diagnosis.outcome != OUTCOME_FILTERED)
			continue;
		endpoint = explain_target(round, &round->items[i])->endpoint;
		if (!place_is_far(&round->items[i].diagnosis) ||
		    (first != NULL && strcmp(first, endpoint) != 0))
			return false;
		first = endpoint;
	}
	return first != NULL;
}

static void advise_on_provider(struct page *page)
{
	unsigned places = BIT(WHERE_ACCESS) | BIT(WHERE_PATH) |
			  BIT(WHERE_NONE) | BIT(WHERE_LINK) |
			  BIT(WHERE_NETWORK);

	if (is_one_site(page))
		advise(page,
		    "It stops in the farther half of the path, where the far "
		    "end's own network may be: compare with endpoints of "
		    "other owners before you ask the provider.");
	else if (is_stopped_at(page, places, BIT(OUTCOME_FILTERED)))
		advise(page,
		    "Ask the provider (in an office, who runs its firewall) to "
		    "lift the block; --letter writes the message.");
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

static bool asks_this_host(const struct page *page)
{
	size_t i;

	for (i = 0; i < page->count; i++)
		if (page->ports[i].here)
			return true;
	return false;
}

static void advise_on_endpoint(struct page *page)
{
	if (has_state(page, PORT_ENDPOINT, MECHANISM_DOWN))
		advise(page,
		    "The far end is down: there is nothing to fix here. Try "
		    "again later, or with another endpoint.");
	if (asks_this_host(page)) {
		advise(page,
		    "This host itself was asked: name a server elsewhere. "
		    "Where its name leads here, look at the name server, which "
		    "may hide it (a sinkhole), and at /etc/hosts.");
		return;
	}
	if (has_state(page, PORT_ENDPOINT, MECHANISM_REFUSED) ||
	    has_state(page, PORT_ENDPOINT, MECHANISM_SILENT))
		advise(page,
		    "Where the endpoint itself has no such port, there is "
		    "nothing to fix here; a server that only receives mail "
		    "has no port 587 or 465.");
	if (has_state(page, PORT_ENDPOINT, MECHANISM_BROKEN))
		advise(page,
		    "The network lets the port through, and the server does "
		    "not go on: its owner can say why (--verbose shows the "
		    "dialogue).");
	if (has_state(page, PORT_OPEN, MECHANISM_REJECTED))
		advise(page,
		    "The endpoint refuses by its own policy: look at this "
		    "address's reverse DNS and at block lists.");
}

/* What to do about a name without an address. */
static const char *const dns_advice[DNS_COUNT] = {
    [DNS_OK] = "Look at the name servers of this host and at the host names.",
    [DNS_NO_SUCH_DOMAIN] = "No such domain: look at the spelling of the name.",
    [DNS_NO_ADDRESS] = "The name has no address of the family that was asked "
		       "for; the domain's MX hosts are asked with --mx.",
    [DNS_NULL_MX] = "The domain says that it takes no mail: there is nothing "
		    "to fix here.",
    [DNS_MX_IS_ADDRESS] = "The domain's owner must name a host in the MX "
			  "record; ask that host by its name meanwhile.",
    [DNS_SERVFAIL] = "The domain's own name servers fail, or its DNSSEC does: "
		     "its owner must mend them. Compare with --dns and "
		     "another name server.",
    [DNS_NO_ANSWER] = "Look at this host's name servers (/etc/resolv.conf), "
		      "or name others with --dns.",
};

static void advise_on_dns(struct page *page)
{
	const struct explain_round *round = page->round;
	unsigned given = 0;
	enum dns_seen dns;
	size_t i;

	for (i = 0; i < round->count; i++) {
		dns = explain_target(round, &round->items[i])->dns;
		if (round->items[i].diagnosis.mechanism != MECHANISM_RESOLVE ||
		    dns >= DNS_COUNT || (given & BIT(dns)) != 0)
			continue;
		advise(page, dns_advice[dns]);
		given |= BIT(dns);
	}
}

static void advise_on_unknown(struct page *page)
{
	if (has_state(page, PORT_UNKNOWN, MECHANISM_OFFLINE))
		advise(page, "Look at this host's connection first.");
	if (has_state(page, PORT_UNKNOWN, MECHANISM_NO_ROUTE))
		advise(page, "Look at this host's addresses and routes.");
	if (has_state(page, PORT_UNKNOWN, MECHANISM_NO_CONTROL))
		advise(page,
		    "To decide it, name a second server of another owner that "
		    "is known to serve the port, or a HOST that answers on "
		    "another port too.");
}

/* Something is stopped, or nothing can be said of it. */
static bool is_trouble(const struct page *page)
{
	size_t i;

	for (i = 0; i < page->count; i++)
		if (port_state_is_stopped(page->ports[i].state) ||
		    (page->ports[i].state == PORT_UNKNOWN &&
			page->ports[i].mechanism != MECHANISM_RESOLVE))
			return true;
	return false;
}

static void advise_on_surroundings(struct page *page)
{
	const struct surroundings *surroundings = page->round->surroundings;
	struct buf sentence = {0};

	if (surroundings == NULL)
		return;
	if (surroundings->nmx > 0) {
		surroundings_mx_sentence(surroundings, &sentence);
		advise(page, sentence.failed ? "" : sentence.data);
		buf_clear(&sentence);
	}
	if (is_trouble(page) &&
	    enclosure_sentence(surroundings->enclosure, &sentence)) {
		advise(page, sentence.failed ? "" : sentence.data);
		buf_clear(&sentence);
	}
	if (is_trouble(page) && surroundings->provider.id[0] != '\0') {
		provider_sentence(&surroundings->provider, &sentence);
		advise(page, sentence.failed ? "" : sentence.data);
	}
	buf_free(&sentence);
}

static void (*const advisers[])(struct page *page) = {
    advise_on_surroundings,
    advise_on_host,
    advise_on_link,
    advise_on_access,
    advise_on_provider,
    advise_on_far_end,
    advise_on_interception,
    advise_on_mixture,
    advise_on_submission,
    advise_on_endpoint,
    advise_on_dns,
    advise_on_unknown,
};

void explain_advice(const struct explain_round *round,
    const struct explain_port *ports, size_t count, struct buf *out)
{
	struct page page = {round, ports, count, out, 0};
	size_t i;

	for (i = 0; i < sizeof(advisers) / sizeof(*advisers); i++)
		advisers[i](&page);
}
