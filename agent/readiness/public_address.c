/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/public_address.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/net/resolve.h"
#include "agent/net/sock.h"
#include "lib/http/httpc.h"
#include "lib/json/json_read.h"

#define REPLY_BYTES_MAX 4096
#define ADDRESSES_TRIED 2

struct public_address_query {
	struct event_base *base;
	struct resolver *resolver;
	struct public_address_request request;
	struct event *end; /* by activation, or when patience ends */
	struct resolve_addresses collector;
	size_t attempt;
	struct httpc *httpc;
	struct public_address found;
	public_address_done *done;
	void *arg;
};

static void release(struct public_address_query *query)
{
	resolve_cancel(query->resolver, query);
	httpc_cancel(query->httpc);
	if (query->end != NULL)
		event_free(query->end);
	free(query);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct public_address_query *query = arg;
	struct public_address *found = &query->found;

	(void)fd;
	(void)what;
	if (found->by == BY_NOBODY && found->local.family != 0 &&
	    !addr_is_private(&found->local)) {
		found->address = found->local;
		found->by = BY_SOCKET;
	}
	query->done(query->arg, found);
	release(query);
}

static void end(struct public_address_query *query)
{
	event_active(query->end, EV_TIMEOUT, 0);
}

static void give_up(struct public_address_query *query, const char *why)
{
	snprintf(query->found.why, sizeof(query->found.why), "%s", why);
}

/* An address of the family that was asked, and a public one: a collector in
 * the same private network does not see more than we do. */
static bool read_address(
    struct public_address_query *query, const struct httpc_reply *reply)
{
	struct json_at root = {0}, at;
	struct json_value *tree = NULL;
	struct addr address = {0};
	int64_t asn = 0;
	struct err err;

	if (json_parse(reply->body, reply->body_length, &tree, &err) == 0) {
		root.value = tree;
		json_member(&root, "address", &at);
		json_get_address_or_absent(&at, &address, &err);
		json_member(&root, "asn", &at);
		json_get_integer_or(&at, 0, UINT32_MAX, 0, &asn, &err);
	}
	json_free(tree);
	if (address.family != query->request.family) {
		give_up(query, "the collector's answer names no such address");
		return false;
	}
	if (addr_is_private(&address)) {
		give_up(query, "the collector sees a private address too");
		return false;
	}
	query->found.address = address;
	query->found.by = BY_COLLECTOR;
	query->found.asn = (uint32_t)asn;
	query->found.why[0] = '\0';
	return true;
}

static void try_next(struct public_address_query *query);

static void on_reply(void *arg, const struct httpc_reply *reply)
{
	struct public_address_query *query = arg;
	char why[160];

	query->httpc = NULL;
	if (reply->status == 200 && read_address(query, reply)) {
		end(query);
		return;
	}
	if (reply->status == 0)
		snprintf(why, sizeof(why),
		    "the collector cannot be reached: "
		    "%.100s",
		    reply->why);
	else
		snprintf(why, sizeof(why), "the collector answered %d",
		    reply->status);
	if (reply->status != 200)
		give_up(query, why);
	try_next(query);
}

static void try_next(struct public_address_query *query)
{
	struct httpc_request request = {
	    .url = query->request.collector,
	    .method = "GET",
	    .path = "/v1/whoami",
	    .reply_bytes_max = REPLY_BYTES_MAX,
	    .timeout_s = query->request.limit_ms / 1000 + 1,
	    .tls = query->request.tls,
	};

	if (query->attempt < query->collector.count &&
	    query->attempt < ADDRESSES_TRIED) {
		request.address = query->collector.address[query->attempt++];
		query->httpc = httpc_start(
		    query->base, &request, on_reply, query);
	}
	if (query->httpc == NULL)
		end(query);
}

static void on_collector(void *arg, const struct resolve_addresses *found)
{
	struct public_address_query *query = arg;
	char why[160];

	query->collector = *found;
	if (found->count == 0) {
		snprintf(why, sizeof(why),
		    "the collector cannot be reached: "
		    "%.100s",
		    found->why);
		give_up(query, why);
	}
	try_next(query);
}

static bool ask_collector(struct public_address_query *query)
{
	const struct httpc_url *url = query->request.collector;

	if (url == NULL)
		return false;
	give_up(query, "the collector did not answer in time");
	return resolve_host(query->resolver, url->host, query->request.family,
		   on_collector, query) == 0;
}

struct public_address_query *public_address_start(struct event_base *base,
    struct resolver *resolver, const struct public_address_request *request,
    public_address_done *done, void *arg)
{
	const struct timeval patience = {
	    request->limit_ms / 1000, request->limit_ms % 1000 * 1000};
	struct public_address_query *query = calloc(1, sizeof(*query));

	if (query == NULL)
		return NULL;
	query->base = base;
	query->resolver = resolver;
	query->request = *request;
	query->done = done;
	query->arg = arg;
	query->end = evtimer_new(base, on_end, query);
	if (query->end == NULL || event_add(query->end, &patience) != 0) {
		release(query);
		return NULL;
	}
	sock_source_address(request->family, &query->found.local);
	if (!ask_collector(query))
		end(query);
	return query;
}

void public_address_cancel(struct public_address_query *query)
{
	if (query != NULL)
		release(query);
}
