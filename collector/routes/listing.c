/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/http/http.h"
#include "lib/base/log.h"
#include "lib/json/json.h"

#define STREAM_ROWS 500 /* of one part */

void listing_separate(enum format format, size_t count, struct buf *out)
{
	if (format == FORMAT_JSON && count > 0)
		buf_append_char(out, ',');
	if (format == FORMAT_JSONL && count > 0)
		buf_append_char(out, '\n');
}

static void reply_failed(
    struct evhttp_request *request, int error, const struct err *err)
{
	if (error == -EINVAL) {
		http_reply_error(request, 400, "cursor", err->text);
		return;
	}
	log_error("%s", err->text);
	http_reply_busy(request, 503, 5, "the store does not answer");
}

/* The same list from the cursor on: the query as it came, without its own
 * cursor. */
static void set_link(struct evhttp_request *request, const char *cursor)
{
	const char *query = http_query(request);
	struct buf link = {0};
	size_t length;

	buf_printf(&link, "<%s?", http_path(request));
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
		http_set_header(request, "Link", link.data);
	buf_free(&link);
}

static void reply_page(struct server *server, struct evhttp_request *request,
    const struct listing *listing, struct query *query)
{
	struct json_writer json = {0};
	struct buf body = {0}, next = {0};
	struct err err;
	size_t count = 0;
	int error;

	buf_append_text(&body, "{\"items\":[");
	error = listing->page(server, query, &body, &count, &err);
	if (error < 0) {
		reply_failed(request, error, &err);
	} else {
		json.out = &next;
		json_text_or_null(&json, NULL, query->cursor);
		buf_printf(&body, "],\"next\":%s}",
		    next.data != NULL ? next.data : "null");
		if (query->cursor[0] != '\0')
			set_link(request, query->cursor);
		http_reply_json(request, 200, &body);
	}
	buf_free(&next);
	buf_free(&body);
}

/* A stream under way. */
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
	struct err err;

	if (!stream->begun && stream->query.format == FORMAT_CSV)
		stream->listing->csv_header(out);
	stream->begun = true;
	stream->query.limit = stream->left < STREAM_ROWS ? stream->left
							 : STREAM_ROWS;
	if (stream->listing->page(server, &stream->query, out, &count, &err) <
	    0) {
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

static void reply_stream(struct evhttp_request *request,
    const struct listing *listing, const struct query *query)
{
	struct listing_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL) {
		http_reply_busy(request, 503, 5, "out of memory");
		return;
	}
	stream->listing = listing;
	stream->query = *query;
	stream->left = (query->given & QUERY_LIMIT) != 0 ? query->limit
							 : SIZE_MAX;
	http_reply_stream(request,
	    query->format == FORMAT_CSV ? "text/csv; charset=utf-8"
					: "application/x-ndjson",
	    fill_stream, end_stream, stream);
}

void listing_reply(struct server *server, struct evhttp_request *request,
    const struct listing *listing, const struct query *query)
{
	struct query page = *query;

	if (query->format == FORMAT_JSON)
		reply_page(server, request, listing, &page);
	else
		reply_stream(request, listing, query);
}
