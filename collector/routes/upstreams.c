/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/upstreams.h"

#include <errno.h>
#include <stdlib.h>

#include "collector/api/route.h"
#include "collector/routes/listing.h"
#include "collector/routes/network_cursor.h"
#include "collector/routes/published.h"
#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "collector/threads/server.h"
#include "collector/view/view_upstreams.h"

/* --- what is asked for --- */

static bool is_wanted(
    const struct query *query, const struct upstream_record *record)
{
	return query_wants_asn(query, record->asn) &&
	       query_wants_port(query, record->port) &&
	       query_wants(query->families, record->family);
}

static bool is_after(
    const struct upstream_record *record, const struct query_key *key)
{
	if (record->asn != key->asn)
		return record->asn > key->asn;
	if (record->family != key->family)
		return record->family > key->family;
	return record->port > key->port;
}

/* --- rows --- */

struct upstream_page {
	struct query *query;
	struct buf *out;
	size_t count, total; /* rows here, and on all pages */
};

static void append_row(
    struct upstream_page *page, const struct upstream_record *record)
{
	listing_separate(page->query->format, page->count++, page->out);
	if (page->query->format == FORMAT_CSV)
		format_upstream_csv(record, page->out);
	else
		format_upstream_json(record, page->out);
}

/* Append the rows behind `last`, and set the query's cursor to the next
 * page's. */
static void fill(struct upstream_page *page, const struct upstream_record *list,
    size_t count, struct query_key last)
{
	struct query *query = page->query;
	size_t i;

	query->cursor[0] = '\0';
	for (i = 0; i < count; i++) {
		if (!is_wanted(query, &list[i]))
			continue;
		page->total++;
		if (query->cursor[0] != '\0' || !is_after(&list[i], &last))
			continue;
		if (page->count == query->limit) {
			network_cursor_write(&last, query->cursor);
			continue;
		}
		append_row(page, &list[i]);
		last = (struct query_key){
		    list[i].asn, list[i].family, list[i].port};
	}
}

static int fill_page(
    const struct view *view, struct upstream_page *page, struct err *err)
{
	struct upstream_record *list;
	struct query_key last = {0};
	size_t count;
	int error = 0;

	if (page->query->cursor[0] != '\0')
		error = network_cursor_read(page->query->cursor, &last, err);
	if (error < 0)
		return error;
	error = view_list_upstreams(view, &list, &count);
	if (error < 0)
		return err_system(err, error, "upstreams");
	fill(page, list, count, last);
	free(list);
	return 0;
}

/* --- streams --- */

static int append_part(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct upstream_page page = {.query = query, .out = out};
	struct reply nothing = {0};
	const struct census_view *held = published_hold(server, &nothing);
	int error;

	reply_reset(&nothing);
	if (held == NULL)
		return err_system(err, -EAGAIN, "upstreams");
	error = fill_page(held->published, &page, err);
	census_drop(server->census, held);
	*count = page.count;
	return error;
}

static const struct listing upstream_listing = {
    .append_page = append_part,
    .csv_header = format_upstream_csv_header,
};

/* --- pages --- */

static void reply_page(const struct view *view, const struct request *request,
    struct query *query, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct upstream_page page = {.query = query, .out = &body};
	struct err err = {""};
	int error;

	json_open_object(&json, NULL);
	json_open_array(&json, "items");
	error = fill_page(view, &page, &err);
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
	json_integer(&json, "total", (int64_t)page.total);
	stamp_view(view, &json, reply);
}

void route_upstreams(
    struct server *server, const struct request *request, struct reply *reply)
{
	const struct census_view *held;
	struct query query;

	route_query(request, &query);
	held = published_hold(server, reply);
	if (held == NULL)
		return;
	if (query.format != FORMAT_JSON)
		listing_stream(server, &upstream_listing, &query, reply);
	else
		reply_page(held->published, request, &query, reply);
	census_drop(server->census, held);
}
