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

/* Rows of a Parquet stream that are in memory at a time: 28 columns of them are
 * some 1.5 MB, and their text. While a client reads them they are not there any
 * more, so a slow one costs no more than with CSV. */
#define GROUP_ROWS 4096

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
	struct table *table; /* of Parquet, once it has begun */
	struct buf *out;     /* the part that is being made */
};

static int take_bytes(void *arg, const void *bytes, size_t length)
{
	struct listing_stream *stream = arg;

	buf_append(stream->out, bytes, length);
	return stream->out->failed ? -ENOMEM : 0;
}

static bool has_more(const struct listing_stream *stream)
{
	return stream->query.cursor[0] != '\0' && stream->left > 0;
}

/* Rows as text. *count: how many. 0 or -errno. */
static int fill_text(struct server *server, struct listing_stream *stream,
    size_t *count, struct err *err)
{
	bool is_first = !stream->begun;
	int error;

	stream->begun = true;
	if (is_first && stream->query.format == FORMAT_CSV)
		stream->listing->csv_header(stream->out);
	error = stream->listing->append_page(
	    server, &stream->query, stream->out, count, err);
	if (error == 0 && *count > 0 && stream->query.format == FORMAT_JSONL)
		buf_append_char(stream->out, '\n');
	return error;
}

/* Rows of Parquet; bytes come once a group of them is full. */
static int fill_table(struct server *server, struct listing_stream *stream,
    size_t *count, struct err *err)
{
	const struct parquet_output output = {take_bytes, stream, GROUP_ROWS};
	int error = 0;

	if (stream->table == NULL)
		error = table_open(
		    stream->listing->columns, &output, &stream->table, err);
	if (error == 0)
		error = stream->listing->add_page(
		    server, &stream->query, stream->table, count, err);
	return error;
}

static bool fill_stream(struct server *server, void *arg, struct buf *out)
{
	struct listing_stream *stream = arg;
	bool is_table = stream->query.format == FORMAT_PARQUET;
	size_t count = 0;
	struct err err = {""};
	int error;

	stream->out = out;
	stream->query.limit = stream->left < STREAM_ROWS ? stream->left
							 : STREAM_ROWS;
	error = is_table ? fill_table(server, stream, &count, &err)
			 : fill_text(server, stream, &count, &err);
	stream->left -= count;
	if (error == 0 && is_table && !has_more(stream))
		error = table_finish(stream->table, &err);
	if (error < 0) {
		log_error("a stream is cut: %s", err.text);
		out->failed = true;
		return false;
	}
	return has_more(stream);
}

static void end_stream(void *arg)
{
	struct listing_stream *stream = arg;

	table_free(stream->table);
	free(stream);
}

/* Once a stream has begun it can only be cut: a cursor of something else is
 * refused before. */
static bool has_cursor_of(struct server *server, const struct listing *listing,
    const struct query *query, struct reply *reply)
{
	struct query first = *query;
	struct buf rows = {0};
	struct err err = {""};
	size_t count;
	int error = 0;

	if (query->cursor[0] == '\0')
		return true;
	first.limit = 1;
	error = listing->append_page(server, &first, &rows, &count, &err);
	buf_free(&rows);
	if (error < 0)
		refuse(reply, error, &err);
	return error == 0;
}

static const char *const media[FORMAT_COUNT] = {
    [FORMAT_JSONL] = "application/x-ndjson",
    [FORMAT_CSV] = "text/csv; charset=utf-8",
    [FORMAT_PARQUET] = "application/vnd.apache.parquet",
};

void listing_stream(struct server *server, const struct listing *listing,
    const struct query *query, struct reply *reply)
{
	struct listing_stream *stream;

	if (!has_cursor_of(server, listing, query, reply))
		return;
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		refusal_no_memory(reply);
		return;
	}
	stream->listing = listing;
	stream->query = *query;
	stream->left = (query->given & QUERY_LIMIT) != 0 ? query->limit
							 : SIZE_MAX;
	reply_stream(reply, media[query->format],
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
		listing_stream(server, listing, &query, reply);
}
