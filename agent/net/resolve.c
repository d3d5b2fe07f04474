/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "agent/net/dns_channel.h"
#include "agent/net/dns_reason.h"
#include "agent/net/hosts_file.h"
#include "agent/net/resolve_parse.h"
#include "lib/base/values.h"

/* Queries are sent at 0, 0.5, 1.5 and 3.5 s: a path that loses packets must
 * still be measurable. */
#define ANSWER_MS 500
#define TRIES     4
/* Fits into every path MTU (DNS Flag Day 2020). */
#define EDNS_BYTES 1232
/* Regardless of the number of name servers. */
#define QUESTION_LIMIT_S 6

/* A socket that c-ares has opened. */
struct dns_socket {
	LIST_ENTRY(dns_socket) entry;
	struct channel *channel;
	ares_socket_t fd;
	struct event *event;
};

struct dns_query;

/* A type of query: how to read the answer, and how to call back. */
struct query_type {
	void (*settle)(struct dns_query *query, int status,
	    const unsigned char *answer, int length);
	void (*tell)(const struct dns_query *query);
};

struct dns_query {
	LIST_ENTRY(dns_query) entry;
	struct resolver *resolver;
	struct event *settle; /* activated with the answer, or at the limit */
	int record_type;
	bool in_ares, is_strict; /* c-ares will still call on_answer() */
	bool cancelled;
	const struct query_type *type;
	uint8_t family;      /* of addresses */
	struct addr address; /* of names */
	char name[256];
	union {
		resolve_addresses_done *addresses;
		resolve_mx_done *mx;
		resolve_ptr_done *ptr;
		resolve_txt_done *txt;
	} done;
	void *arg;
	char *bytes; /* owned: texts */
	union {
		struct resolve_addresses addresses;
		struct resolve_mx mx;
		struct resolve_ptr ptr;
		struct resolve_txt txt;
	} found;
};

struct channel {
	struct resolver *resolver;
	struct dns_channel dns; /* dns.ares NULL: not open */
};

/* c-ares tries every server and then forgets whether they failed or were not
 * there, unless it may give up at the first failure. So `usual` answers, and
 * where it has none, `strict` says why. */
struct resolver {
	struct event_base *base;
	struct channel usual, strict;
	char *servers; /* owned; NULL: the system's */
	struct event *timer;
	LIST_HEAD(, dns_socket) sockets;
	LIST_HEAD(, dns_query) queries;
};

/* --- c-ares on the loop --- */

static void arm_timer(struct resolver *resolver)
{
	struct timeval usual, strict, *wait;

	wait = ares_timeout(resolver->usual.dns.ares, NULL, &usual);
	if (resolver->strict.dns.ares != NULL)
		wait = ares_timeout(resolver->strict.dns.ares, wait, &strict);
	if (wait != NULL)
		event_add(resolver->timer, wait);
	else
		event_del(resolver->timer);
}

static void process(
    struct channel *channel, ares_socket_t readable, ares_socket_t writable)
{
	if (channel->dns.ares != NULL)
		ares_process_fd(channel->dns.ares, readable, writable);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;

	process(&resolver->usual, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	process(&resolver->strict, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(resolver);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dns_socket *socket = arg;
	struct channel *channel = socket->channel;

	process(channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	arm_timer(channel->resolver);
}

static struct dns_socket *find_socket(
    const struct resolver *resolver, ares_socket_t fd)
{
	struct dns_socket *socket;

	LIST_FOREACH(socket, &resolver->sockets, entry)
		if (socket->fd == fd)
			break;
	return socket;
}

static void forget_socket(struct dns_socket *socket)
{
	LIST_REMOVE(socket, entry);
	event_free(socket->event);
	free(socket);
}

/* If there is no memory, the socket is not watched and its queries time out. */
static void watch_socket(
    struct channel *channel, ares_socket_t fd, short events)
{
	struct resolver *resolver = channel->resolver;
	struct dns_socket *socket = calloc(1, sizeof(*socket));

	if (socket == NULL)
		return;
	socket->event = event_new(
	    resolver->base, fd, events | EV_PERSIST, on_socket, socket);
	if (socket->event == NULL) {
		free(socket);
		return;
	}
	socket->channel = channel;
	socket->fd = fd;
	LIST_INSERT_HEAD(&resolver->sockets, socket, entry);
	event_add(socket->event, NULL);
}

static void on_socket_state(
    void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *channel = arg;
	struct dns_socket *known = find_socket(channel->resolver, fd);
	short events = 0;

	if (readable)
		events |= EV_READ;
	if (writable)
		events |= EV_WRITE;
	if (known != NULL)
		forget_socket(known);
	if (events != 0)
		watch_socket(channel, fd, events);
}

/* 0, also where it is open already; -ENOMEM or -EINVAL. */
static int open_channel(struct channel *channel, int flags, struct err *err)
{
	struct ares_options options = {
	    .flags = ARES_FLAG_EDNS | flags,
	    .ednspsz = EDNS_BYTES,
	    .timeout = ANSWER_MS,
	    .tries = TRIES,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = channel,
	};

	if (channel->dns.ares != NULL)
		return 0;
	if (ares_init_options(&channel->dns.ares, &options,
		ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
		    ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
		channel->dns.ares = NULL;
		return err_system(err, -ENOMEM, "name resolution");
	}
	return dns_channel_use(&channel->dns, channel->resolver->servers, err);
}

/* --- one query --- */

static void query_free(struct dns_query *query)
{
	event_free(query->settle);
	free(query->bytes);
	free(query);
}

static void query_cancel(struct dns_query *query)
{
	query->cancelled = true;
	event_del(query->settle);
}

/* Call back. The callee may free the resolver. */
static void on_settle(evutil_socket_t fd, short what, void *arg)
{
	struct dns_query *query = arg;
	struct dns_query late;

	if (query->in_ares) {
		query->type->settle(query, ARES_ETIMEOUT, NULL, 0);
		late = *query;
		query_cancel(query);
		late.type->tell(&late);
		return;
	}
	LIST_REMOVE(query, entry);
	query->type->tell(query);
	query_free(query);
}

/* --- the types of query --- */

static void settle_addresses(struct dns_query *query, int status,
    const unsigned char *answer, int length)
{
	struct resolve_addresses *found = &query->found.addresses;

	if (status == ARES_SUCCESS)
		status = resolve_parse_addresses(
		    found, query->family, answer, length);
	if (found->count > 0)
		return;
	found->dns = dns_reason_seen(status);
	dns_reason(&found->failed, found->why, status,
	    query->family == 4 ? "the name has no IPv4 address"
			       : "the name has no IPv6 address");
}

static void settle_mx(struct dns_query *query, int status,
    const unsigned char *answer, int length)
{
	struct resolve_mx *found = &query->found.mx;

	if (status == ARES_SUCCESS)
		status = resolve_parse_mx(found, answer, length);
	if (status == ARES_ENODATA) {
		resolve_take_mx(found, 0, query->name);
		found->implicit = true;
	} else if (found->count == 0) {
		found->dns = found->null_mx      ? DNS_NULL_MX
			     : found->is_address ? DNS_MX_IS_ADDRESS
						 : dns_reason_seen(status);
		dns_reason(&found->failed, found->why, status,
		    found->null_mx ? "the domain takes no mail (null MX)"
		    : found->is_address
			? "its MX record names an address, not a host"
			: "its MX records name no host");
	}
}

static void settle_ptr(struct dns_query *query, int status,
    const unsigned char *answer, int length)
{
	struct resolve_ptr *found = &query->found.ptr;

	if (status == ARES_SUCCESS)
		status = resolve_parse_ptr(
		    found, &query->address, answer, length);
	if (found->count == 0)
		dns_reason(&found->failed, found->why, status,
		    status == ARES_SUCCESS ? "its PTR records name no host"
					   : "the address has no name");
}

static void settle_txt(struct dns_query *query, int status,
    const unsigned char *answer, int length)
{
	struct resolve_txt *found = &query->found.txt;

	if (status == ARES_SUCCESS)
		status = resolve_parse_txt(
		    found, &query->bytes, answer, length);
	if (found->count == 0)
		dns_reason(
		    &found->failed, found->why, status, "the name has no text");
}

static void tell_addresses(const struct dns_query *query)
{
	query->done.addresses(query->arg, &query->found.addresses);
}

static void tell_mx(const struct dns_query *query)
{
	query->done.mx(query->arg, &query->found.mx);
}

static void tell_ptr(const struct dns_query *query)
{
	query->done.ptr(query->arg, &query->found.ptr);
}

static void tell_txt(const struct dns_query *query)
{
	query->done.txt(query->arg, &query->found.txt);
}

static const struct query_type ask_addresses = {
    settle_addresses, tell_addresses};
static const struct query_type ask_mx = {settle_mx, tell_mx};
static const struct query_type ask_ptr = {settle_ptr, tell_ptr};
static const struct query_type ask_txt = {settle_txt, tell_txt};

static void ask_strictly(struct dns_query *query);

static void on_answer(
    void *arg, int status, int timeouts, unsigned char *answer, int length)
{
	struct dns_query *query = arg;
	struct err err;

	query->in_ares = false;
	if (status == ARES_EDESTRUCTION || query->cancelled) {
		LIST_REMOVE(query, entry);
		query_free(query);
		return;
	}
	if (status == ARES_ECONNREFUSED && !query->is_strict &&
	    open_channel(
		&query->resolver->strict, ARES_FLAG_NOCHECKRESP, &err) == 0) {
		ask_strictly(query);
		return;
	}
	query->type->settle(query, status, answer, length);
	event_active(query->settle, EV_TIMEOUT, 0);
}

static void ask_strictly(struct dns_query *query)
{
	query->in_ares = true;
	query->is_strict = true;
	ares_query(query->resolver->strict.dns.ares, query->name, C_IN,
	    query->record_type, on_answer, query);
}

/* Returns a query in the list with its time limit running. NULL: no memory. */
static struct dns_query *query_new(
    struct resolver *resolver, const struct query_type *type, const char *name)
{
	static const struct timeval limit = {QUESTION_LIMIT_S, 0};
	struct dns_query *query = calloc(1, sizeof(*query));

	if (query == NULL)
		return NULL;
	query->settle = evtimer_new(resolver->base, on_settle, query);
	if (query->settle == NULL || evtimer_add(query->settle, &limit) != 0) {
		if (query->settle != NULL)
			event_free(query->settle);
		free(query);
		return NULL;
	}
	query->resolver = resolver;
	query->type = type;
	snprintf(query->name, sizeof(query->name), "%s", name);
	LIST_INSERT_HEAD(&resolver->queries, query, entry);
	return query;
}

/* Finish without DNS; the result has been set. */
static void query_answer_self(struct dns_query *query)
{
	event_active(query->settle, EV_TIMEOUT, 0);
}

static void query_ask(struct dns_query *query, int record_type)
{
	struct resolver *resolver = query->resolver;

	if (!values_is_host_name(query->name)) {
		query->type->settle(query, ARES_EBADNAME, NULL, 0);
		query_answer_self(query);
		return;
	}
	query->in_ares = true;
	query->record_type = record_type;
	ares_query(resolver->usual.dns.ares, query->name, C_IN, record_type,
	    on_answer, query);
	arm_timer(resolver);
}

/* --- the interface --- */

/* A query for a host's addresses that is not asked yet. NULL: no memory. */
static struct dns_query *host_query(struct resolver *resolver, const char *host,
    uint8_t family, resolve_addresses_done *done, void *arg)
{
	struct dns_query *query = query_new(resolver, &ask_addresses, host);

	if (query == NULL)
		return NULL;
	query->family = family;
	query->done.addresses = done;
	query->arg = arg;
	return query;
}

static void host_ask(struct dns_query *query, const char *host)
{
	static const char *const loopback[] = {"127.0.0.1", "::1"};
	struct resolve_addresses *found = &query->found.addresses;
	struct addr own;

	if (strcasecmp(host, "localhost") == 0)
		host = loopback[query->family == 6]; /* RFC 6761, 6.3 */
	if (!addr_parse(&own, host)) {
		query_ask(query, query->family == 4 ? T_A : T_AAAA);
		return;
	}
	if (own.family == query->family)
		found->address[found->count++] = own;
	else
		snprintf(found->why, sizeof(found->why),
		    "an address of the other family");
	query_answer_self(query);
}

int resolve_addresses(struct resolver *resolver, const char *host,
    uint8_t family, resolve_addresses_done *done, void *arg)
{
	struct dns_query *query = host_query(resolver, host, family, done, arg);

	if (query == NULL)
		return -ENOMEM;
	host_ask(query, host);
	return 0;
}

int resolve_host(struct resolver *resolver, const char *host, uint8_t family,
    resolve_addresses_done *done, void *arg)
{
	struct dns_query *query = host_query(resolver, host, family, done, arg);

	if (query == NULL)
		return -ENOMEM;
	if (hosts_file_read(resolver->usual.dns.ares, host, family,
		&query->found.addresses))
		query_answer_self(query);
	else
		host_ask(query, host);
	return 0;
}

int resolve_mx(struct resolver *resolver, const char *domain,
    resolve_mx_done *done, void *arg)
{
	struct dns_query *query = query_new(resolver, &ask_mx, domain);

	if (query == NULL)
		return -ENOMEM;
	query->done.mx = done;
	query->arg = arg;
	query_ask(query, T_MX);
	return 0;
}

/* The name that has the PTR records of an address (RFC 1035, 3.5; RFC 3596,
 * 2.5). */
static void reverse_name(const struct addr *address, char name[256])
{
	const uint8_t *byte = address->bytes;
	size_t length = 0;
	int i;

	if (address->family == 4) {
		snprintf(name, 256, "%d.%d.%d.%d.in-addr.arpa", byte[3],
		    byte[2], byte[1], byte[0]);
		return;
	}
	for (i = 15; i >= 0; i--)
		length += (size_t)snprintf(name + length, 256 - length,
		    "%x.%x.", byte[i] & 15, byte[i] >> 4);
	snprintf(name + length, 256 - length, "ip6.arpa");
}

int resolve_ptr(struct resolver *resolver, const struct addr *address,
    resolve_ptr_done *done, void *arg)
{
	struct dns_query *query;
	char name[256];

	reverse_name(address, name);
	query = query_new(resolver, &ask_ptr, name);
	if (query == NULL)
		return -ENOMEM;
	query->address = *address;
	query->done.ptr = done;
	query->arg = arg;
	query_ask(query, T_PTR);
	return 0;
}

int resolve_txt(struct resolver *resolver, const char *name,
    resolve_txt_done *done, void *arg)
{
	struct dns_query *query = query_new(resolver, &ask_txt, name);

	if (query == NULL)
		return -ENOMEM;
	query->done.txt = done;
	query->arg = arg;
	query_ask(query, T_TXT);
	return 0;
}

void resolve_cancel(struct resolver *resolver, const void *arg)
{
	struct dns_query *query, *next;

	for (query = LIST_FIRST(&resolver->queries); query != NULL;
	     query = next) {
		next = LIST_NEXT(query, entry);
		if (query->arg != arg)
			continue;
		query_cancel(query);
		if (query->in_ares)
			continue; /* on_answer() frees it */
		LIST_REMOVE(query, entry);
		query_free(query);
	}
}

int resolver_new(struct event_base *base, const char *servers,
    struct resolver **out, struct err *err)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int rc = -ENOMEM;

	if (resolver == NULL)
		return err_system(err, rc, "name resolution");
	resolver->base = base;
	resolver->usual.resolver = resolver->strict.resolver = resolver;
	resolver->servers = servers != NULL ? strdup(servers) : NULL;
	resolver->timer = evtimer_new(base, on_timer, resolver);
	if (resolver->timer == NULL || (servers != NULL && !resolver->servers))
		rc = err_system(err, rc, "name resolution");
	else
		rc = open_channel(&resolver->usual, 0, err);
	if (rc != 0) {
		resolver_free(resolver);
		return rc;
	}
	*out = resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	struct dns_socket *socket;
	struct dns_query *query;

	if (resolver == NULL)
		return;
	if (resolver->usual.dns.ares != NULL)
		ares_destroy(resolver->usual.dns.ares);
	if (resolver->strict.dns.ares != NULL)
		ares_destroy(resolver->strict.dns.ares);
	while ((query = LIST_FIRST(&resolver->queries)) != NULL) {
		LIST_REMOVE(query, entry);
		query_free(query);
	}
	while ((socket = LIST_FIRST(&resolver->sockets)) != NULL)
		forget_socket(socket);
	if (resolver->timer != NULL)
		event_free(resolver->timer);
	free(resolver->servers);
	free(resolver);
}
