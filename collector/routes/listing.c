/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/routes/refusal.h"
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

/* Link to the same list from the cursor on: the query as it came, with another
 * cursor. */
static void set_link(
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

/* End the page's JSON after its rows. */
static void write_next(const char *cursor, struct buf *body)
{
	struct json_writer json = {0};
	struct buf next = {0};

	json.out = &next;
	json_text_or_null(&json, NULL, cursor);
	buf_printf(
	    body, "],\"next\":%s}", next.data != NULL ? next.data : "null");
	buf_free(&next);
}

static void reply_page(struct server *server, const struct request *request,
    const struct listing *listing, struct query *query, struct reply *reply)
{
	struct buf body = {0};
	struct err err = {""};
	size_t count = 0;
	int error;

	buf_append_text(&body, "{\"items\":[");
	error = listing->append_page(server, query, &body, &count, &err);
	if (error < 0) {
		refuse(reply, error, &err);
		buf_free(&body);
		return;
	}
	write_next(query->cursor, &body);
	if (query->cursor[0] != '\0')
		set_link(request, query->cursor, reply);
	reply_json(reply, 200, &body);
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

static void reply_rows(const struct listing *listing, const struct query *query,
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
    const struct listing *listing, const struct query *query,
    struct reply *reply)
{
	struct query page = *query;

	if (query->format == FORMAT_JSON)
		reply_page(server, request, listing, &page, reply);
	else
		reply_rows(listing, query, reply);
}
