/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "agent/net/resolve.h"
#include "lib/base/log.h"

/* The addresses of one host, or the hosts of one domain, being asked for. */
struct lookup {
	struct lookups *all;
	LIST_ENTRY(lookup) entry;
	const struct endpoint *endpoint;
	struct lookup *domain; /* whose MX this host is; NULL: none's */
	struct resolve_mx *mx; /* of a domain; owned */
	size_t next_mx;
	char host[256];
	int pending; /* answers to come */
	bool found;
	enum dns_seen why; /* none was found */
};

struct lookups {
	struct resolver *resolver;
	bool family4, family6;
	struct lookup_sink sink;
	LIST_HEAD(, lookup) under_way;
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

static void on_addresses(void *arg, const struct resolve_addresses *found)
{
	struct lookup *lookup = arg;
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
	ask_addresses(host);
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
	return all;
}

void lookups_add(struct lookups *all, const struct endpoint *endpoint)
{
	bool is_domain = endpoint->domain[0] != '\0';
	struct lookup *lookup = add_lookup(
	    all, endpoint, is_domain ? endpoint->domain : endpoint->host);

	if (lookup == NULL)
		return;
	if (!is_domain) {
		ask_addresses(lookup);
		return;
	}
	lookup->pending = 1;
	if (resolve_mx(all->resolver, endpoint->domain, on_mx, lookup) < 0)
		end_question(lookup);
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
	while ((lookup = LIST_FIRST(&all->under_way)) != NULL) {
		resolve_cancel(all->resolver, lookup);
		remove_lookup(lookup);
	}
	free(all);
}
