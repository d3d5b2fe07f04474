/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_LOOKUP_H
#define EGRESS25_AGENT_MEASURE_LOOKUP_H

/* From endpoints to the addresses of their hosts, or of their domains' MX
 * hosts, best preference first. */

#include "lib/base/nat64.h"
#include "lib/config/endpoints.h"
#include "lib/report/vocabulary.h"

struct allowance;
struct event_base;
struct resolver;

/* Where it goes. The lookups must not be freed from any of these. */
struct lookup_sink {
	/* `host` has this address. */
	void (*found)(void *arg, const struct endpoint *endpoint,
	    const char *host, const struct addr *address);
	/* The host, or the domain, has none of the families asked for. */
	void (*found_none)(void *arg, const struct endpoint *endpoint,
	    const char *host, enum dns_seen why);
	/* The endpoint, or what is left of its MX hosts, is not looked up: the
	 * allowance of today is spent. Nothing is known of it. */
	void (*left_out)(void *arg, const struct endpoint *endpoint);
	/* Whether the endpoint's lesser MX hosts need not be asked. */
	bool (*has_enough)(void *arg, const struct endpoint *endpoint);
	/* A host is settled; perhaps it was the last. */
	void (*settled)(void *arg);
	void *arg;
};

/* NULL: no memory. `resolver` is borrowed. */
struct lookups;
struct lookups *lookups_new(struct resolver *resolver, bool family4,
    bool family6, const struct lookup_sink *sink);

/* Keep to this allowance, which is borrowed; NULL: to none. Before the first is
 * asked for. 0 or -ENOMEM. */
int lookups_keep_to(struct lookups *lookups, struct event_base *base,
    struct allowance *allowance);

/* Tell no public IPv6 address before it is known how this network translates,
 * if it does: its prefixes are asked of DNS with the first of them. Where DNS
 * does not tell, none is known. */
void lookups_mind_nat64(struct lookups *lookups);
const struct nat64 *lookups_nat64(const struct lookups *lookups);

/* Ask for one. The sink may be called before this returns. `endpoint` is
 * borrowed until it is settled. */
void lookups_add(struct lookups *lookups, const struct endpoint *endpoint);

bool lookups_are_over(const struct lookups *lookups);

/* Cancels what is under way. NULL is allowed. */
void lookups_free(struct lookups *lookups);

#endif
