/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_RESOLVE_H
#define EGRESS25_AGENT_NET_RESOLVE_H

#include "agent/net/dns_found.h"
#include "lib/base/err.h"

/*
 * Asynchronous DNS through c-ares: A, AAAA, MX, PTR and TXT records. A query
 * gives up after six seconds.
 */
struct event_base;
struct resolver;

/* `servers` NULL: the system's; else a list of "192.0.2.53" or
 * "[2001:db8::53]:53" or "fe80::1%eth0" (dns_servers.h), separated by spaces.
 * 0, -EINVAL or -ENOMEM. */
int resolver_new(struct event_base *base, const char *servers,
    struct resolver **resolver, struct err *err);

/* Cancels all queries: their callbacks are not called. NULL is allowed. */
void resolver_free(struct resolver *resolver);

/* Called exactly once, from the loop, never before the call below has returned.
 * May free the resolver. */
typedef void resolve_addresses_done(
    void *arg, const struct resolve_addresses *found);
typedef void resolve_mx_done(void *arg, const struct resolve_mx *found);
typedef void resolve_ptr_done(void *arg, const struct resolve_ptr *found);
typedef void resolve_txt_done(void *arg, const struct resolve_txt *found);

/* Each returns 0, or -ENOMEM: then `done` is not called. */

/* The A (family 4) or AAAA (family 6) records of `host`. An address literal and
 * localhost (RFC 6761, 6.3) are answered without DNS, the literal in its own
 * family only. */
int resolve_addresses(struct resolver *resolver, const char *host,
    uint8_t family, resolve_addresses_done *done, void *arg);

/* The same for the collector, a host that a person has configured: first what
 * the hosts file says of it (hosts(5)), as any other program would have it.
 * Mail hosts are asked of DNS alone: mail servers see no other. */
int resolve_host(struct resolver *resolver, const char *host, uint8_t family,
    resolve_addresses_done *done, void *arg);

/* The MX hosts of `domain`; without MX records the domain itself (RFC 5321,
 * 5.1). */
int resolve_mx(struct resolver *resolver, const char *domain,
    resolve_mx_done *done, void *arg);

/* The PTR records of an address, following CNAMEs (RFC 2317). */
int resolve_ptr(struct resolver *resolver, const struct addr *address,
    resolve_ptr_done *done, void *arg);

/* The TXT records of `name`. */
int resolve_txt(struct resolver *resolver, const char *name,
    resolve_txt_done *done, void *arg);

/* Cancel every query made with this `arg`: their callbacks are not called. */
void resolve_cancel(struct resolver *resolver, const void *arg);

#endif
