/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/routes/refusal.h"
#include "collector/routes/stamp.h"
#include "lib/base/log.h"
#include "lib/json/json.h"

#define STREAM_ROWS 500 /* per part */

void listing_separate(enum format format, size_t count, struct buf *out)
{
	if (format == FORMAT_JSON && count > 0)
		buf_append_char(out, ',');
	if (format == FORMAT_JSONL && count > 0)
		buf_append_char(out, '\n');
}

static void refuse(struct reply *reply, int error, const struct err *err)
{
	if (error == -EINVAL)
		reply_error(reply, 400, "cursor", err->text);
	else
		refusal_store(reply, "a list", err);
}

void listing_link(
    const struct request *request, const char *cursor, struct reply *reply)
{
	const char *query = request->query;
	struct buf link = {0};
	size_t length;

	buf_printf(&link, "<%s?", request->path);
	while (query != NULL && *query != '\0') {
		length = strcspn(query, "&");
		if (length > 0 && strncmp(query, "cursor=", 7) != 0) {
			buf_append(&link, query, length);
			buf_append_char(&link, '&');
		}
		query += length + (query[length] == '&');
	}
	buf_printf(&link, "cursor=%s>; rel=\"next\"", cursor);
	if (!link.failed)
		reply_set_header(reply, "Link", link.data);
	buf_free(&link);
}

/* From when to when the rows are: what was asked for, or what is kept. */
static void write_window(const struct query *query, int64_t kept_ms,
    const struct stamp *stamp, struct json_writer *json)
{
	if ((query->given & QUERY_SINCE) != 0)
		json_time(json, "since", query->since_ms);
	else
		json_time_or_null(
		    json, "since", kept_ms > 0 ? stamp->now_ms - kept_ms : 0);
	json_time(json, "until",
	    (query->given & QUERY_UNTIL) != 0 ? query->until_ms
					      : stamp->now_ms);
}

static void reply_page(struct server *server, const struct request *request,
    const struct listing *listing, struct query *query, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct err err = {""};
	struct stamp stamp;
	size_t count = 0;
	int error;

	json_open_object(&json, NULL);
	json_open_array(&json, "items");
	error = listing->append_page(server, query, &body, &count, &err);
	if (error < 0) {
		refuse(reply, error, &err);
		buf_free(&body);
		return;
	}
	json_close_array(&json);
	json_text_or_null(&json, "next", query->cursor);
	if (query->cursor[0] != '\0')
		listing_link(request, query->cursor, reply);
	stamp_make(&stamp, &body);
	if (listing->has_window)
		write_window(query,
		    listing->keeps_all
			? 0
			: server->settings->options.retention_s * 1000,
		    &stamp, &json);
	stamp_end(&stamp, &json, reply);
}

/* --- streams --- */

struct listing_stream {
	const struct listing *listing;
	struct query query;
	size_t left; /* rows that may still be sent */
	bool begun;
};

static bool fill_stream(struct server *server, void *arg, struct buf *out)
{
	struct listing_stream *stream = arg;
	size_t count = 0;
	struct err err = {""};

	if (!stream->begun && stream->query.format == FORMAT_CSV)
		stream->listing->csv_header(out);
	stream->begun = true;
	stream->query.limit = stream->left < STREAM_ROWS ? stream->left
							 : STREAM_ROWS;
	if (stream->listing->append_page(
		server, &stream->query, out, &count, &err) < 0) {
		log_error("a stream is cut: %s", err.text);
		out->failed = true;
		return false;
	}
	if (count > 0 && stream->query.format == FORMAT_JSONL)
		buf_append_char(out, '\n');
	stream->left -= count;
	return stream->query.cursor[0] != '\0' && stream->left > 0;
}

static void end_stream(void *arg)
{
	free(arg);
}

void listing_stream(const struct listing *listing, const struct query *query,
    struct reply *reply)
{
	struct listing_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL) {
		refusal_no_memory(reply);
		return;
	}
	stream->listing = listing;
	stream->query = *query;
	stream->left = (query->given & QUERY_LIMIT) != 0 ? query->limit
							 : SIZE_MAX;
	reply_stream(reply,
	    query->format == FORMAT_CSV ? "text/csv; charset=utf-8"
					: "application/x-ndjson",
	    &(struct reply_stream){fill_stream, end_stream, stream});
}

void listing_reply(struct server *server, const struct request *request,
    const struct listing *listing, struct reply *reply)
{
	struct query query;

	route_query(request, &query);
	if (query.format == FORMAT_JSON)
		reply_page(server, request, listing, &query, reply);
	else
		listing_stream(listing, &query, reply);
}
