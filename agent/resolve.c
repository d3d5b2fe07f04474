/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/buf.h"
#include "lib/values.h"

/* A name server is asked at 0, 0.5, 1.5 and 3.5 s: a path that loses packets is
 * still to be measured. */
#define ANSWER_MS 500
#define TRIES     4
/* What fits every path unfragmented, as on DNS Flag Day 2020. */
#define EDNS_BYTES 1232
/* However many name servers there are. */
#define QUESTION_LIMIT_S 6

/* A socket of c-ares. */
struct dns_socket {
	struct dns_socket *next;
	struct resolver *resolver;
	ares_socket_t fd;
	struct event *event;
};

enum question { ASK_ADDRESSES, ASK_MX };

struct query {
	struct query *next;
	struct resolver *resolver;
	struct event *settle; /* by activation, or when the limit has passed */
	bool in_ares;         /* c-ares will still call on_answer() */
	enum question question;
	uint8_t family;
	char name[256];
	resolve_addresses_done *addresses_done; /* NULL: nobody waits */
	resolve_mx_done *mx_done;
	void *arg;
	union {
		struct resolve_addresses addresses;
		struct resolve_mx mx;
	} found;
};

struct resolver {
	struct event_base *base;
	ares_channel channel;
	struct event *timer;
	struct dns_socket *sockets;
	struct query *queries;
};

static const struct {
	int status;
	const char *words;
} status_words[] = {
    {ARES_ENOTFOUND, "no such name"},
    {ARES_ETIMEOUT, "no name server answered"},
    /* c-ares forgets which of these it was once it has asked them all. */
    {ARES_ECONNREFUSED, "the name server failed, refused, or is not there"},
    {ARES_ESERVFAIL, "the name server failed"},
    {ARES_EREFUSED, "the name server refused to answer"},
    {ARES_EFORMERR, "the name server did not understand the question"},
    {ARES_EBADRESP, "the name server's answer is malformed"},
    {ARES_EBADNAME, "not a host name"},
    {ARES_ENOMEM, "out of memory"},
};

static const char *words_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof(status_words) / sizeof(*status_words); i++)
		if (status_words[i].status == status)
			return status_words[i].words;
	return ares_strerror(status);
}

/* --- c-ares on the loop --- */

static void arm_timer(struct resolver *resolver)
{
	struct timeval wait;

	if (ares_timeout(resolver->channel, NULL, &wait) != NULL)
		event_add(resolver->timer, &wait);
	else
		event_del(resolver->timer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *resolver = arg;

	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(resolver);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dns_socket *socket = arg;
	struct resolver *resolver = socket->resolver;

	ares_process_fd(resolver->channel,
	    what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	arm_timer(resolver);
}

static struct dns_socket **find_socket(
    struct resolver *resolver, ares_socket_t fd)
{
	struct dns_socket **link = &resolver->sockets;

	while (*link != NULL && (*link)->fd != fd)
		link = &(*link)->next;
	return link;
}

static void forget_socket(struct dns_socket **link)
{
	struct dns_socket *socket = *link;

	*link = socket->next;
	event_free(socket->event);
	free(socket);
}

/* Without memory for it the socket goes unwatched, and its queries end as
 * unanswered. */
static void watch_socket(
    struct resolver *resolver, ares_socket_t fd, short events)
{
	struct dns_socket *socket = calloc(1, sizeof(*socket));

	if (socket == NULL)
		return;
	socket->event = event_new(
	    resolver->base, fd, events | EV_PERSIST, on_socket, socket);
	if (socket->event == NULL) {
		free(socket);
		return;
	}
	socket->resolver = resolver;
	socket->fd = fd;
	socket->next = resolver->sockets;
	resolver->sockets = socket;
	event_add(socket->event, NULL);
}

static void on_socket_state(
    void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *resolver = arg;
	struct dns_socket **link = find_socket(resolver, fd);
	short events = 0;

	if (readable)
		events |= EV_READ;
	if (writable)
		events |= EV_WRITE;
	if (*link != NULL)
		forget_socket(link);
	if (events != 0)
		watch_socket(resolver, fd, events);
}

/* --- one query --- */

static void query_unlink(struct query *query)
{
	struct query **link = &query->resolver->queries;

	while (*link != query)
		link = &(*link)->next;
	*link = query->next;
}

static void query_free(struct query *query)
{
	event_free(query->settle);
	free(query);
}

static char *query_why(struct query *query)
{
	return query->question == ASK_MX ? query->found.mx.why
					 : query->found.addresses.why;
}

static void say_why(struct query *query, const char *words)
{
	snprintf(query_why(query), sizeof(query->found.mx.why), "%s", words);
}

/* Tell whoever waits. The callee may free the resolver. */
static void query_tell(const struct query *query)
{
	if (query->addresses_done != NULL)
		query->addresses_done(query->arg, &query->found.addresses);
	else if (query->mx_done != NULL)
		query->mx_done(query->arg, &query->found.mx);
}

static bool query_is_awaited(const struct query *query)
{
	return query->addresses_done != NULL || query->mx_done != NULL;
}

static void query_forsake(struct query *query)
{
	query->addresses_done = NULL;
	query->mx_done = NULL;
	event_del(query->settle);
}

static void on_settle(evutil_socket_t fd, short what, void *arg)
{
	struct query *query = arg;
	struct query late;

	if (query->in_ares) {
		say_why(query, words_of(ARES_ETIMEOUT));
		late = *query;
		query_forsake(query);
		query_tell(&late);
		return;
	}
	query_unlink(query);
	query_tell(query);
	query_free(query);
}

static void take_address(
    struct resolve_addresses *found, uint8_t family, const void *bytes)
{
	struct addr *address;

	if (found->count == RESOLVE_ADDRESSES_MAX)
		return;
	address = &found->address[found->count++];
	memset(address, 0, sizeof(*address));
	address->family = family;
	memcpy(address->bytes, bytes, family == 4 ? 4 : 16);
}

static int parse_a(
    struct resolve_addresses *found, const unsigned char *answer, int length)
{
	struct ares_addrttl records[RESOLVE_ADDRESSES_MAX];
	int i, count = RESOLVE_ADDRESSES_MAX;
	int status = ares_parse_a_reply(answer, length, NULL, records, &count);

	for (i = 0; status == ARES_SUCCESS && i < count; i++)
		take_address(found, 4, &records[i].ipaddr);
	return status;
}

static int parse_aaaa(
    struct resolve_addresses *found, const unsigned char *answer, int length)
{
	struct ares_addr6ttl records[RESOLVE_ADDRESSES_MAX];
	int i, count = RESOLVE_ADDRESSES_MAX;
	int status = ares_parse_aaaa_reply(
	    answer, length, NULL, records, &count);

	for (i = 0; status == ARES_SUCCESS && i < count; i++)
		take_address(found, 6, &records[i].ip6addr);
	return status;
}

static void settle_addresses(
    struct query *query, int status, const unsigned char *answer, int length)
{
	struct resolve_addresses *found = &query->found.addresses;

	if (status == ARES_SUCCESS)
		status = query->family == 4 ? parse_a(found, answer, length)
					    : parse_aaaa(found, answer, length);
	if (found->count > 0)
		return;
	if (status == ARES_ENODATA || status == ARES_SUCCESS)
		say_why(query, query->family == 4
				   ? "the name has no IPv4 address"
				   : "the name has no IPv6 address");
	else
		say_why(query, words_of(status));
}

/* Insert by preference; the worst fall off the end. */
static void take_mx(
    struct resolve_mx *found, uint16_t preference, const char *host)
{
	size_t at = found->count, after;

	while (at > 0 && found->mx[at - 1].preference > preference)
		at--;
	if (at == RESOLVE_MX_MAX)
		return;
	if (found->count < RESOLVE_MX_MAX)
		found->count++;
	after = found->count - at - 1;
	memmove(&found->mx[at + 1], &found->mx[at], after * sizeof(*found->mx));
	found->mx[at].preference = preference;
	snprintf(found->mx[at].host, sizeof(found->mx[at].host), "%s", host);
}

static int parse_mx(
    struct resolve_mx *found, const unsigned char *answer, int length)
{
	struct ares_mx_reply *records = NULL, *record;
	int status = ares_parse_mx_reply(answer, length, &records);
	bool null_mx = false;

	if (status != ARES_SUCCESS)
		return status;
	for (record = records; record != NULL; record = record->next) {
		if (values_is_host_name(record->host))
			take_mx(found, record->priority, record->host);
		else if (record->host[0] == '\0')
			null_mx = true;
	}
	ares_free_data(records);
	found->null_mx = null_mx && found->count == 0;
	return ARES_SUCCESS;
}

static void settle_mx(
    struct query *query, int status, const unsigned char *answer, int length)
{
	struct resolve_mx *found = &query->found.mx;

	if (status == ARES_SUCCESS)
		status = parse_mx(found, answer, length);
	if (status == ARES_ENODATA)
		take_mx(found, 0, query->name);
	else if (status != ARES_SUCCESS)
		say_why(query, words_of(status));
	else if (found->null_mx)
		say_why(query, "the domain takes no mail (null MX)");
	else if (found->count == 0)
		say_why(query, "its MX records name no host");
}

static void on_answer(
    void *arg, int status, int timeouts, unsigned char *answer, int length)
{
	struct query *query = arg;

	query->in_ares = false;
	if (status == ARES_EDESTRUCTION || !query_is_awaited(query)) {
		query_unlink(query);
		query_free(query);
		return;
	}
	if (query->question == ASK_MX)
		settle_mx(query, status, answer, length);
	else
		settle_addresses(query, status, answer, length);
	event_active(query->settle, EV_TIMEOUT, 0);
}

/* Linked and with its limit set, or NULL: no memory. */
static struct query *query_new(
    struct resolver *resolver, enum question question, const char *name)
{
	static const struct timeval limit = {QUESTION_LIMIT_S, 0};
	struct query *query = calloc(1, sizeof(*query));

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
	query->question = question;
	snprintf(query->name, sizeof(query->name), "%s", name);
	query->next = resolver->queries;
	resolver->queries = query;
	return query;
}

/* Settled without DNS; what was found is there already. */
static void query_answer_self(struct query *query)
{
	event_active(query->settle, EV_TIMEOUT, 0);
}

static void query_ask(struct query *query, int type)
{
	struct resolver *resolver = query->resolver;

	if (!values_is_host_name(query->name)) {
		say_why(query, words_of(ARES_EBADNAME));
		query_answer_self(query);
		return;
	}
	query->in_ares = true;
	ares_query(
	    resolver->channel, query->name, C_IN, type, on_answer, query);
	arm_timer(resolver);
}

/* --- what others call --- */

int resolve_addresses(struct resolver *resolver, const char *host,
    uint8_t family, resolve_addresses_done *done, void *arg)
{
	static const char *const loopback[] = {"127.0.0.1", "::1"};
	struct query *query = query_new(resolver, ASK_ADDRESSES, host);
	struct addr own;

	if (query == NULL)
		return -ENOMEM;
	query->family = family;
	query->addresses_done = done;
	query->arg = arg;
	if (strcasecmp(host, "localhost") == 0)
		host = loopback[family == 6]; /* RFC 6761, 6.3 */
	if (!addr_parse(&own, host)) {
		query_ask(query, family == 4 ? T_A : T_AAAA);
		return 0;
	}
	if (own.family == family)
		take_address(&query->found.addresses, family, own.bytes);
	else
		say_why(query, "an address of the other family");
	query_answer_self(query);
	return 0;
}

int resolve_mx(struct resolver *resolver, const char *domain,
    resolve_mx_done *done, void *arg)
{
	struct query *query = query_new(resolver, ASK_MX, domain);

	if (query == NULL)
		return -ENOMEM;
	query->mx_done = done;
	query->arg = arg;
	query_ask(query, T_MX);
	return 0;
}

void resolve_cancel(struct resolver *resolver, const void *arg)
{
	struct query *query, *next;

	for (query = resolver->queries; query != NULL; query = next) {
		next = query->next;
		if (query->arg != arg)
			continue;
		query_forsake(query);
		if (query->in_ares)
			continue; /* on_answer() frees it */
		query_unlink(query);
		query_free(query);
	}
}

static int use_servers(
    struct resolver *resolver, const char *servers, struct err *err)
{
	struct buf list = {0};
	const char *at = servers;
	size_t length;
	int status;

	while (*(at += strspn(at, " \t,")) != '\0') {
		length = strcspn(at, " \t,");
		if (list.length > 0)
			buf_append_char(&list, ',');
		buf_append(&list, at, length);
		at += length;
	}
	status = list.failed ? ARES_ENOMEM
		 : list.length == 0
		     ? ARES_EBADSTR
		     : ares_set_servers_ports_csv(resolver->channel, list.data);
	buf_free(&list);
	if (status == ARES_ENOMEM)
		return err_system(err, -ENOMEM, "dns");
	if (status != ARES_SUCCESS)
		return err_input(err,
		    "dns: \"%s\" is no list of name server addresses", servers);
	return 0;
}

static int open_channel(struct resolver *resolver)
{
	struct ares_options options = {
	    .flags = ARES_FLAG_EDNS,
	    .ednspsz = EDNS_BYTES,
	    .timeout = ANSWER_MS,
	    .tries = TRIES,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = resolver,
	};
	int status = ares_init_options(&resolver->channel, &options,
	    ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
		ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);

	if (status != ARES_SUCCESS)
		resolver->channel = NULL;
	return status == ARES_SUCCESS ? 0 : -ENOMEM;
}

int resolver_new(struct event_base *base, const char *servers,
    struct resolver **out, struct err *err)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));
	int rc = -ENOMEM;

	if (resolver == NULL)
		return err_system(err, rc, "name resolution");
	resolver->base = base;
	resolver->timer = evtimer_new(base, on_timer, resolver);
	if (resolver->timer != NULL)
		rc = open_channel(resolver);
	if (rc != 0)
		err_system(err, rc, "name resolution");
	else if (servers != NULL && servers[0] != '\0')
		rc = use_servers(resolver, servers, err);
	if (rc != 0) {
		resolver_free(resolver);
		return rc;
	}
	*out = resolver;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	struct query *query;

	if (resolver == NULL)
		return;
	if (resolver->channel != NULL)
		ares_destroy(resolver->channel);
	while ((query = resolver->queries) != NULL) {
		resolver->queries = query->next;
		query_free(query);
	}
	while (resolver->sockets != NULL)
		forget_socket(&resolver->sockets);
	if (resolver->timer != NULL)
		event_free(resolver->timer);
	free(resolver);
}
