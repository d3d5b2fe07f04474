/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/events.h"

#include <errno.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/record/format_past.h"
#include "collector/routes/events_atom.h"
#include "collector/routes/listing.h"
#include "collector/routes/refusal.h"
#include "collector/store/store_past.h"
#include "collector/threads/server.h"
#include "lib/base/clock.h"

struct event_page {
	struct server *server;
	const struct query *query;
	size_t count;
	void (*write)(const struct event *event,
	    const struct network_info *info, void *arg);
	void *arg;
	struct err *err;
};

/* The store selects by one value of a list at most. */
static bool is_wanted(const struct query *query, const struct event *event,
    const struct network_info *info)
{
	return query_wants_asn(query, event->asn) &&
	       query_wants_port(query, event->port) &&
	       query_wants(query->families, event->family) &&
	       query_wants(query->to, (int)event->to) &&
	       query_wants_country(query, info->country);
}

static int take_event(void *arg, const struct event *event)
{
	struct event_page *page = arg;
	struct network_info info;
	int error = store_network(
	    page->server->reader, event->asn, &info, page->err);

	if (error < 0 && error != -ENOENT)
		return error;
	if (!is_wanted(page->query, event, &info))
		return 0;
	page->write(event, &info, page->arg);
	page->count++;
	return 0;
}

static void make_filter(const struct query *query, struct event_filter *filter)
{
	struct row_filter rows;
	int to = -1, i;

	query_to_filter(query, &rows);
	event_filter_init(filter);
	filter->asn = rows.has_asn ? rows.asn : 0;
	memcpy(filter->country, rows.country, sizeof(filter->country));
	filter->family = rows.family;
	filter->port = rows.port;
	filter->since_ms = rows.since_ms;
	filter->until_ms = rows.until_ms;
	for (i = 0; i < STATE_COUNT; i++)
		if (query->to == 1u << i)
			to = i;
	filter->to = to;
}

/* Write a page of events, the newest first, and set the query's cursor to the
 * next page's. 0, -EINVAL (no cursor of ours) or -errno. */
static int write_page(struct event_page *page, struct query *query)
{
	struct store_page range = {.newest_first = true};
	struct event_filter filter;
	int64_t until_us = clock_mono_us() + LISTING_PAGE_US;
	int error;

	make_filter(query, &filter);
	memcpy(range.cursor, query->cursor, sizeof(range.cursor));
	do {
		range.limit = query->limit - page->count;
		error = store_events(page->server->reader, &filter, &range,
		    take_event, page, page->err);
	} while (error == 0 && page->count < query->limit &&
		 range.cursor[0] != '\0' && clock_mono_us() < until_us);
	memcpy(query->cursor, range.cursor, sizeof(query->cursor));
	return error;
}

static void refuse(int error, const struct err *err, struct reply *reply)
{
	if (error == -EINVAL)
		reply_error(reply, 400, "cursor", err->text);
	else
		refusal_store(reply, "events", err);
}

/* --- the list --- */

/* One event after the other, in the list's format. */
struct event_rows {
	enum format format;
	size_t count;
	struct buf *out;
};

static void write_row(
    const struct event *event, const struct network_info *info, void *arg)
{
	struct event_rows *rows = arg;
	const struct event_record record = {*event, *info};

	listing_separate(rows->format, rows->count++, rows->out);
	if (rows->format == FORMAT_CSV)
		format_event_csv(&record, rows->out);
	else
		format_event_json(&record, rows->out);
}

static int append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct event_rows rows = {query->format, 0, out};
	struct event_page page = {server, query, 0, write_row, &rows, err};
	int error = write_page(&page, query);

	*count = page.count;
	return error;
}

static const struct listing event_listing = {
    .append_page = append_page,
    .csv_header = format_event_csv_header,
    .has_window = true,
    .keeps_all = true,
};

void route_events(
    struct server *server, const struct request *request, struct reply *reply)
{
	listing_reply(server, request, &event_listing, reply);
}

/* --- Atom --- */

static void write_entry(
    const struct event *event, const struct network_info *info, void *arg)
{
	events_atom_add(arg, event, info);
}

void route_events_atom(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct events_atom feed;
	struct query query;
	struct err err = {""};
	struct event_page page = {server, &query, 0, write_entry, &feed, &err};
	int error;

	route_query(request, &query);
	events_atom_begin(&feed, request->query);
	error = write_page(&page, &query);
	if (error < 0) {
		events_atom_drop(&feed);
		refuse(error, &err, reply);
		return;
	}
	events_atom_reply(&feed, reply);
}
