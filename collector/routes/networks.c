/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/networks.h"

#include <errno.h>

#include "collector/api/route.h"
#include "collector/routes/listing.h"
#include "collector/routes/network_cursor.h"
#include "collector/routes/networks_columns.h"
#include "collector/routes/published.h"
#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "collector/view/view_order.h"
#include "collector/view/view_select.h"

/* --- rows --- */

struct network_page {
	const struct view *view;
	struct query *query;
	struct buf *out;
	bool sentences; /* reasons as a list */
	size_t count;
	struct table *table; /* rows go there; NULL: to `out`, as text */
};

static void write_network(
    struct network_page *page, const struct network_record *record)
{
	listing_separate(page->query->format, page->count, page->out);
	if (page->query->format == FORMAT_CSV)
		format_network_csv(record, page->out);
	else
		format_network_json(record, page->sentences, page->out);
}

static int append_network(struct network_page *page,
    const struct view_network *network, struct err *err)
{
	struct network_record record;
	int error = view_record(page->view, network, &record);

	if (error < 0)
		return err_system(err, error, "networks");
	if (page->table != NULL)
		error = table_add(page->table, &record, err);
	else
		write_network(page, &record);
	network_verdict_end(&record.verdict);
	page->count++;
	return error;
}

/* Append the rows from the query's cursor on, and set it to the next page's. */
static int fill_page(struct network_page *page, struct err *err)
{
	struct query *query = page->query;
	const struct view_network *network;
	struct query_key last = {0};
	size_t place = 0;
	int error = 0;

	if (query->cursor[0] != '\0') {
		error = network_cursor_read(query->cursor, &last, err);
		if (error < 0)
			return error;
		place = view_place_after(page->view, query->sort, &last);
	}
	query->cursor[0] = '\0';
	for (; error == 0 && place < page->view->count; place++) {
		network = view_at(page->view, query->sort, place);
		if (!view_wants(page->view, network, query))
			continue;
		if (page->count == query->limit) {
			network_cursor_write(&last, query->cursor);
			break;
		}
		error = append_network(page, network, err);
		last = (struct query_key){
		    network->asn, network->family, network->port};
	}
	return error;
}

/* --- streams --- */

/* A part at a time, each from the latest view. */
static int fill_part(
    struct server *server, struct network_page *page, struct err *err)
{
	struct reply nothing = {0};
	const struct census_view *held = published_hold(server, &nothing);
	int error;

	reply_reset(&nothing);
	if (held == NULL)
		return err_system(err, -EAGAIN, "networks");
	page->view = held->published;
	error = fill_page(page, err);
	census_drop(server->census, held);
	return error;
}

static int append_part(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct network_page page = {.query = query, .out = out};
	int error = fill_part(server, &page, err);

	*count = page.count;
	return error;
}

static int add_part(struct server *server, struct query *query,
    struct table *table, size_t *count, struct err *err)
{
	struct network_page page = {.query = query, .table = table};
	int error = fill_part(server, &page, err);

	*count = page.count;
	return error;
}

static const struct listing network_listing = {
    .append_page = append_part,
    .csv_header = format_network_csv_header,
    .add_page = add_part,
    .columns = format_network_columns,
};

/* --- pages --- */

static void reply_page(const struct view *view, const struct request *request,
    struct query *query, bool sentences, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct network_page page = {view, query, &body, sentences, 0, NULL};
	struct err err = {""};
	int error;

	json_open_object(&json, NULL);
	json_open_array(&json, "items");
	error = fill_page(&page, &err);
	if (error < 0) {
		buf_free(&body);
		if (error == -EINVAL)
			reply_error(reply, 400, "cursor", err.text);
		else
			refusal_no_memory(reply);
		return;
	}
	json_close_array(&json);
	json_text_or_null(&json, "next", query->cursor);
	if (query->cursor[0] != '\0')
		listing_link(request, query->cursor, reply);
	json_integer(&json, "total", (int64_t)view_count(view, query));
	stamp_view(view, &json, reply);
}

static void reply_networks(struct server *server, const struct request *request,
    bool sentences, struct reply *reply)
{
	const struct census_view *held;
	struct query query;

	route_query(request, &query);
	if (query.by_family && !query.is_columns &&
	    (query.given & QUERY_LAYOUT) != 0) {
		reply_error(reply, 400, "format",
		    "with group=family there are columns alone: "
		    "format=columns");
		return;
	}
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	if (query.is_columns || query.by_family)
		networks_columns(held->published, &query, reply);
	else if (query.format != FORMAT_JSON)
		listing_stream(server, &network_listing, &query, reply);
	else
		reply_page(held->published, request, &query, sentences, reply);
	census_drop(server->census, held);
}

void route_networks(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_networks(server, request, false, reply);
}

void route_network(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_networks(server, request, true, reply);
}
