/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/networks.h"

#include <stdio.h>
#include <string.h>

#include "collector/fleet/census.h"
#include "collector/fleet/networks.h"
#include "collector/routes/listing.h"
#include "lib/base/clock.h"
#include "lib/base/values.h"

#define CENSUS_US 5000000 /* how long the first census is waited for */

/* The order of the list, and a cursor: the next page starts after it. */
struct network_key {
	unsigned asn, family, port;
};

struct network_page {
	struct server *server;
	struct query *query;
	struct buf *out;
	size_t count;
	struct network_key after, last; /* last: that was decided */
	int64_t until_us;
	bool more;
	bool sentences; /* reasons as a list */
	struct err *err;
};

static bool is_after(
    const struct network_verdict *verdict, const struct network_key *key)
{
	if (verdict->asn != key->asn)
		return verdict->asn > key->asn;
	if (verdict->family != key->family)
		return verdict->family > key->family;
	return verdict->port > key->port;
}

static int append_network(
    struct network_page *page, const struct network_verdict *verdict)
{
	struct network_record record;
	int error = networks_complete(
	    page->server->reader, verdict, &record, page->err);

	if (error < 0)
		return error;
	listing_separate(page->query->format, page->count, page->out);
	if (page->query->format == FORMAT_CSV)
		format_network_csv(&record, page->out);
	else
		format_network_json(&record, page->sentences, page->out);
	page->count++;
	return 0;
}

static bool is_wanted(
    const struct network_page *page, const struct network_verdict *verdict)
{
	return query_wants_asn(page->query, verdict->asn) &&
	       query_wants_port(page->query, verdict->port) &&
	       query_wants(page->query->families, verdict->family) &&
	       query_wants(page->query->states, (int)verdict->state);
}

/* A page advances by one network at least, or a list would never end. */
static bool is_late(const struct network_page *page)
{
	return page->last.port != 0 && clock_mono_us() >= page->until_us;
}

static int append_if_wanted(void *arg, const struct networks_judged *judged)
{
	const struct network_verdict *verdict = judged->verdict;
	struct network_page *page = arg;
	int error = 0;

	if (!is_after(verdict, &page->after))
		return 0;
	if (page->count == page->query->limit || is_late(page)) {
		page->more = true;
		return 1;
	}
	if (is_wanted(page, verdict))
		error = append_network(page, verdict);
	page->last = (struct network_key){
	    verdict->asn, verdict->family, verdict->port};
	return error;
}

static int read_network_cursor(
    const char *cursor, struct network_key *key, struct err *err)
{
	const char *at = cursor;
	int64_t asn, family, port;

	memset(key, 0, sizeof(*key));
	if (cursor[0] == '\0')
		return 0;
	if (values_read_number(&at, '.', 0, UINT32_MAX, &asn) &&
	    values_read_number(&at, '.', 0, UINT8_MAX, &family) &&
	    values_read_number(&at, '\0', 0, UINT16_MAX, &port)) {
		*key = (struct network_key){
		    (unsigned)asn, (unsigned)family, (unsigned)port};
		return 0;
	}
	return err_input(err, "\"%.60s\" is no cursor of ours", cursor);
}

/* The first census after a start may still be under way: to learn here what it
 * learns would take no less. NULL: there is none. */
static const struct census_view *await_census(struct server *server)
{
	if (server->census == NULL)
		return NULL;
	return census_await(server->census, clock_mono_us() + CENSUS_US);
}

/* By what the last census learned of all networks; without one it is learned
 * here. */
static int decide(struct server *server, const struct row_filter *filter,
    struct network_page *page, struct err *err)
{
	const struct census_view *view = await_census(server);
	struct networks_as_of as_of = {NULL, clock_wall_ms()};
	struct judge judge;
	int result;

	page->until_us = clock_mono_us() + LISTING_PAGE_US;
	if (view != NULL) {
		as_of.judge = &view->judge;
		result = networks_decide(server->reader, filter, &as_of,
		    append_if_wanted, page, err);
		census_drop(server->census, view);
		return result;
	}
	as_of.judge = &judge;
	result = networks_learn(
	    server->reader, as_of.now_ms, &judge, NULL, NULL, err);
	if (result == 0)
		result = networks_decide(server->reader, filter, &as_of,
		    append_if_wanted, page, err);
	judge_free(&judge);
	return result;
}

static int fill_page(struct network_page *page, size_t *count)
{
	struct query *query = page->query;
	struct row_filter filter;
	int error = read_network_cursor(query->cursor, &page->after, page->err);

	if (error < 0)
		return error;
	query_to_filter(query, &filter);
	filter.asn_from = page->after.asn;
	error = decide(page->server, &filter, page, page->err);
	if (error < 0)
		return error;
	query->cursor[0] = '\0';
	if (page->more)
		snprintf(query->cursor, sizeof(query->cursor), "%u.%u.%u",
		    page->last.asn, page->last.family, page->last.port);
	*count = page->count;
	return 0;
}

static int append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct network_page page = {
	    .server = server, .query = query, .out = out, .err = err};

	return fill_page(&page, count);
}

static int append_page_of_one(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct network_page page = {.server = server,
	    .query = query,
	    .out = out,
	    .err = err,
	    .sentences = true};

	return fill_page(&page, count);
}

static const struct listing network_listing = {
    append_page,
    format_network_csv_header,
};

/* All of one ASN. */
static const struct listing one_listing = {
    append_page_of_one,
    format_network_csv_header,
};

void route_networks(
    struct server *server, const struct request *request, struct reply *reply)
{
	listing_reply(server, request, &network_listing, reply);
}

void route_network(
    struct server *server, const struct request *request, struct reply *reply)
{
	listing_reply(server, request, &one_listing, reply);
}
