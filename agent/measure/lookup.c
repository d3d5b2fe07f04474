/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/lookup.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "agent/base/allowance.h"
#include "agent/net/resolve.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/public_unicast.h"

/* The addresses of one host, or the hosts of one domain, being asked for. */
struct lookup {
	struct lookups *all;
	LIST_ENTRY(lookup) entry;
	STAILQ_ENTRY(lookup) turn; /* while it waits */
	const struct endpoint *endpoint;
	struct lookup *domain; /* whose MX this host is; NULL: none's */
	struct resolve_mx *mx; /* of a domain; owned */
	size_t next_mx;
	bool is_domain;
	char host[256];
	int pending; /* answers to come */
	bool found;
	enum dns_seen why;              /* none was found */
	struct resolve_addresses *held; /* until NAT64 is known; owned */
};

enum nat64_state { NAT64_UNMINDED, NAT64_UNKNOWN, NAT64_ASKED, NAT64_KNOWN };

struct lookups {
	struct resolver *resolver;
	bool family4, family6;
	struct lookup_sink sink;
	LIST_HEAD(, lookup) under_way;
	/* For a collector: those of them that wait for the allowance. */
	struct allowance *allowance; /* NULL: none is kept to */
	struct event *timer;
	STAILQ_HEAD(, lookup) waiting;
	enum nat64_state nat64_state;
	struct nat64 nat64;
};

static struct lookup *add_lookup(
    struct lookups *all, const struct endpoint *endpoint, const char *host)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup == NULL) {
		log_error("no memory to look up %s", host);
		return NULL;
	}
	lookup->all = all;
	lookup->endpoint = endpoint;
	snprintf(lookup->host, sizeof(lookup->host), "%s", host);
	LIST_INSERT_HEAD(&all->under_way, lookup, entry);
	return lookup;
}

static void remove_lookup(struct lookup *lookup)
{
	LIST_REMOVE(lookup, entry);
	free(lookup->mx);
	free(lookup->held);
	free(lookup);
}

static void ask_next_mx(struct lookup *domain);

/* One answer less to wait for; with the last one the host is settled. */
static void end_question(struct lookup *lookup)
{
	struct lookups *all = lookup->all;
	struct lookup *domain = lookup->domain;

	if (--lookup->pending > 0)
		return;
	if (!lookup->found)
		all->sink.found_none(
		    all->sink.arg, lookup->endpoint, lookup->host, lookup->why);
	remove_lookup(lookup);
	if (domain != NULL)
		ask_next_mx(domain);
	else
		all->sink.settled(all->sink.arg);
}

/* Of the answers over both families, the one that explains more: a failure may
 * have hidden an address. */
static enum dns_seen worse(enum dns_seen a, enum dns_seen b)
{
	if (a == DNS_OK || a == DNS_NO_ADDRESS)
		return b;
	return b == DNS_OK || b == DNS_NO_ADDRESS || a > b ? a : b;
}

static void take(struct lookup *lookup, const struct resolve_addresses *found)
{
	const struct lookup_sink *sink = &lookup->all->sink;
	size_t i;

	for (i = 0; i < found->count; i++) {
		lookup->found = true;
		sink->found(sink->arg, lookup->endpoint, lookup->host,
		    &found->address[i]);
	}
	if (found->count == 0) {
		log_debug("%s: %s", lookup->host, found->why);
		lookup->why = worse(lookup->why, found->dns);
	}
	end_question(lookup);
}

/* --- a network that translates --- */

static void take_held(struct lookups *all)
{
	struct resolve_addresses *held;
	struct lookup *lookup;

	do {
		LIST_FOREACH(lookup, &all->under_way, entry)
			if (lookup->held != NULL)
				break;
		if (lookup == NULL)
			return;
		held = lookup->held;
		lookup->held = NULL;
		take(lookup, held);
		free(held);
	} while (true);
}

static void on_translated(void *arg, const struct resolve_addresses *found)
{
	struct lookups *all = arg;
	size_t i;

	for (i = 0; i < found->count; i++)
		nat64_learn(&all->nat64, &found->address[i]);
	all->nat64_state = NAT64_KNOWN;
	take_held(all);
}

static void ask_translated(struct lookups *all)
{
	if (all->allowance != NULL)
		allowance_asked(all->allowance, 1, clock_mono_us());
	all->nat64_state = NAT64_ASKED;
	if (resolve_addresses(
		all->resolver, NAT64_NAME, 6, on_translated, all) < 0) {
		log_error("no memory to ask for " NAT64_NAME);
		all->nat64_state = NAT64_UNKNOWN;
	}
}

static bool must_wait(
    const struct lookups *all, const struct resolve_addresses *found)
{
	size_t i;

	if (all->nat64_state != NAT64_UNKNOWN &&
	    all->nat64_state != NAT64_ASKED)
		return false;
	for (i = 0; i < found->count; i++)
		if (found->address[i].family == 6 &&
		    public_unicast_is(&found->address[i]))
			return true;
	return false;
}

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	static const struct resolve_addresses none = {
	    .failed = true, .why = "out of memory"};
	struct lookup *lookup = arg;
	struct lookups *all = lookup->all;

	if (!must_wait(all, found)) {
		take(lookup, found);
		return;
	}
	if (all->nat64_state == NAT64_UNKNOWN)
		ask_translated(all);
	lookup->held = malloc(sizeof(*lookup->held));
	if (lookup->held == NULL || all->nat64_state == NAT64_UNKNOWN) {
		free(lookup->held);
		lookup->held = NULL;
		take(lookup, &none);
		return;
	}
	*lookup->held = *found;
}

/* The caller waits for one answer more than were asked for. */
static void ask_family(struct lookup *lookup, uint8_t family)
{
	if (resolve_addresses(lookup->all->resolver, lookup->host, family,
		on_addresses, lookup) < 0)
		lookup->pending--;
}

static void ask_addresses(struct lookup *lookup)
{
	struct addr literal;
	bool is_literal = addr_parse(&literal, lookup->host);
	bool ask4 = lookup->all->family4 &&
		    (!is_literal || literal.family == 4);
	bool ask6 = lookup->all->family6 &&
		    (!is_literal || literal.family == 6);

	lookup->pending = ask4 + ask6 + 1;
	if (ask4)
		ask_family(lookup, 4);
	if (ask6)
		ask_family(lookup, 6);
	end_question(lookup);
}

static void on_mx(void *arg, const struct resolve_mx *found);

static void ask(struct lookup *lookup)
{
	if (!lookup->is_domain) {
		ask_addresses(lookup);
		return;
	}
	lookup->pending = 1;
	if (resolve_mx(lookup->all->resolver, lookup->host, on_mx, lookup) < 0)
		end_question(lookup);
}

/* --- what a collector may have asked --- */

static size_t count_questions(const struct lookup *lookup)
{
	struct addr literal;

	if (lookup->is_domain)
		return 1;
	if (addr_parse(&literal, lookup->host))
		return 0;
	return (size_t)lookup->all->family4 + (size_t)lookup->all->family6;
}

/* The lesser hosts of its domain with it. */
static void leave_out(struct lookup *lookup)
{
	const struct lookup_sink *sink = &lookup->all->sink;
	struct lookup *domain = lookup->domain;

	if (domain != NULL)
		domain->next_mx = domain->mx->count;
	sink->left_out(sink->arg, lookup->endpoint);
	lookup->found = true; /* or perhaps not: who knows */
	lookup->pending = 1;
	end_question(lookup);
}

static void wait_for_turn(struct lookups *all, int64_t wait_us)
{
	struct timeval wait = {wait_us / 1000000, wait_us % 1000000};

	event_add(all->timer, &wait);
}

/* In the order in which they came, as far as the allowance goes. */
static void ask_waiting(struct lookups *all)
{
	struct lookup *lookup;
	int64_t now_us, wait_us;
	size_t count;

	allowance_set_day(all->allowance, clock_wall_ms());
	while ((lookup = STAILQ_FIRST(&all->waiting)) != NULL) {
		count = count_questions(lookup);
		now_us = clock_mono_us();
		wait_us = allowance_ask_wait_us(all->allowance, count, now_us);
		if (wait_us > 0 && wait_us != ALLOWANCE_NEVER) {
			wait_for_turn(all, wait_us);
			return;
		}
		STAILQ_REMOVE_HEAD(&all->waiting, turn);
		if (wait_us == ALLOWANCE_NEVER) {
			leave_out(lookup);
			continue;
		}
		allowance_asked(all->allowance, count, now_us);
		ask(lookup);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ask_waiting(arg);
}

static void ask_in_turn(struct lookup *lookup)
{
	struct lookups *all = lookup->all;

	if (all->allowance == NULL || count_questions(lookup) == 0) {
		ask(lookup);
		return;
	}
	STAILQ_INSERT_TAIL(&all->waiting, lookup, turn);
	ask_waiting(all);
}

/* --- domains --- */

/* One host after the other, so that the addresses that are visited are those
 * of the best ones; no more hosts than addresses. */
static void ask_next_mx(struct lookup *domain)
{
	struct lookups *all = domain->all;
	const struct endpoint *endpoint = domain->endpoint;
	struct lookup *host = NULL;

	if (domain->next_mx < domain->mx->count &&
	    (int64_t)domain->next_mx < endpoint->addresses &&
	    !all->sink.has_enough(all->sink.arg, endpoint))
		host = add_lookup(
		    all, endpoint, domain->mx->mx[domain->next_mx++].host);
	if (host == NULL) {
		end_question(domain);
		return;
	}
	host->domain = domain;
	ask_in_turn(host);
	all->sink.settled(all->sink.arg); /* the host before this one */
}

static void on_mx(void *arg, const struct resolve_mx *found)
{
	struct lookup *lookup = arg;

	lookup->mx = malloc(sizeof(*lookup->mx));
	if (found->count == 0 || lookup->mx == NULL) {
		log_debug("%s: %s", lookup->host, found->why);
		lookup->why = found->dns;
		end_question(lookup);
		return;
	}
	*lookup->mx = *found;
	lookup->found = true;
	ask_next_mx(lookup);
}

struct lookups *lookups_new(struct resolver *resolver, bool family4,
    bool family6, const struct lookup_sink *sink)
{
	struct lookups *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->resolver = resolver;
	all->family4 = family4;
	all->family6 = family6;
	all->sink = *sink;
	STAILQ_INIT(&all->waiting);
	return all;
}

int lookups_keep_to(
    struct lookups *all, struct event_base *base, struct allowance *allowance)
{
	if (allowance == NULL)
		return 0;
	all->timer = evtimer_new(base, on_timer, all);
	if (all->timer == NULL)
		return -ENOMEM;
	all->allowance = allowance;
	return 0;
}

void lookups_mind_nat64(struct lookups *all)
{
	all->nat64_state = NAT64_UNKNOWN;
}

const struct nat64 *lookups_nat64(const struct lookups *all)
{
	return &all->nat64;
}

void lookups_add(struct lookups *all, const struct endpoint *endpoint)
{
	bool is_domain = endpoint->domain[0] != '\0';
	struct lookup *lookup = add_lookup(
	    all, endpoint, is_domain ? endpoint->domain : endpoint->host);

	if (lookup == NULL)
		return;
	lookup->is_domain = is_domain;
	ask_in_turn(lookup);
}

bool lookups_are_over(const struct lookups *all)
{
	return LIST_EMPTY(&all->under_way);
}

void lookups_free(struct lookups *all)
{
	struct lookup *lookup;

	if (all == NULL)
		return;
	resolve_cancel(all->resolver, all);
	while ((lookup = LIST_FIRST(&all->under_way)) != NULL) {
		resolve_cancel(all->resolver, lookup);
		remove_lookup(lookup);
	}
	if (all->timer != NULL)
		event_free(all->timer);
	free(all);
}
