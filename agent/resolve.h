/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_RESOLVE_H
#define EGRESS25_AGENT_RESOLVE_H

#include "lib/addr.h"
#include "lib/err.h"

/*
 * DNS through c-ares on the loop: addresses and MX hosts. One resolver serves
 * everything. A question is given up after six seconds.
 */
#define RESOLVE_ADDRESSES_MAX 16
#define RESOLVE_MX_MAX        16

struct event_base;
struct resolver;

/* `servers` NULL: the system's; else "192.0.2.53" or "[2001:db8::53]:53",
 * blanks between. */
int resolver_new(struct event_base *base, const char *servers,
    struct resolver **resolver, struct err *err);

/* Cancels what is under way (no callback comes). NULL is allowed. */
void resolver_free(struct resolver *resolver);

struct resolve_addresses {
	struct addr address[RESOLVE_ADDRESSES_MAX];
	size_t count;
	char why[96]; /* count 0: what DNS said, in words */
};

struct resolve_mx {
	struct {
		uint16_t preference;
		char host[256];
	} mx[RESOLVE_MX_MAX]; /* best preference first (RFC 5321, 5.1) */
	size_t count;
	bool null_mx; /* RFC 7505: the domain takes no mail */
	char why[96];
};

/* Called exactly once, never before the call below has returned. It may free
 * the resolver. */
typedef void resolve_addresses_done(
    void *arg, const struct resolve_addresses *found);
typedef void resolve_mx_done(void *arg, const struct resolve_mx *found);

/* A (family 4) or AAAA (family 6) of `host`. An address as text is its own
 * answer, without DNS, in its own family only; so is localhost (RFC 6761,
 * 6.3). 0, or -ENOMEM: then nothing will be called. */
int resolve_addresses(struct resolver *resolver, const char *host,
    uint8_t family, resolve_addresses_done *done, void *arg);

/* The MX hosts of `domain`; a domain without MX is its own (RFC 5321, 5.1).
 * 0, or -ENOMEM: then nothing will be called. */
int resolve_mx(struct resolver *resolver, const char *domain,
    resolve_mx_done *done, void *arg);

/* Give up the calls that were made with `arg`: none of them will call. */
void resolve_cancel(struct resolver *resolver, const void *arg);

#endif
