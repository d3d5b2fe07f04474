/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_http.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MOST  65536
#define TEXT_MOST  4096
#define PIECE_SIZE 65536

/* An answer that is being read. */
struct reading {
	struct link *link;
	struct http_answer *answer;
	char bytes[PIECE_SIZE];
	size_t at, end; /* of what was received and is not taken yet */
	bool is_chunked, closes;
	int64_t length; /* -1: not said */
};

/* --- bytes and lines --- */

static int refill(struct reading *reading)
{
	ssize_t received = link_receive(
	    reading->link, reading->bytes, sizeof(reading->bytes));

	if (received <= 0)
		return received < 0 ? (int)received : -ECONNRESET;
	reading->at = 0;
	reading->end = (size_t)received;
	return 0;
}

/* Read a line without its CR LF. 0 or -errno. */
static int read_line(struct reading *reading, struct buf *line)
{
	buf_clear(line);
	for (;;) {
		const char *from = reading->bytes + reading->at, *end;
		size_t have = reading->end - reading->at;
		int error;

		end = have > 0 ? memchr(from, '\n', have) : NULL;
		buf_append(
		    line, from, end != NULL ? (size_t)(end - from) : have);
		if (line->failed || line->length > HEAD_MOST)
			return -ENOMEM;
		if (end != NULL) {
			reading->at += (size_t)(end - from) + 1;
			break;
		}
		reading->at = reading->end;
		error = refill(reading);
		if (error < 0)
			return error;
	}
	if (line->length > 0 && line->data[line->length - 1] == '\r')
		line->data[--line->length] = '\0';
	return line->length == 0 ? 0 : 1;
}

/* --- head --- */

static void read_header(struct reading *reading, const char *line)
{
	const char *value = strchr(line, ':');
	size_t length;

	if (value == NULL)
		return;
	length = (size_t)(value++ - line);
	value += strspn(value, " \t");
	if (length == 14 && strncasecmp(line, "Content-Length", 14) == 0)
		reading->length = strtoll(value, NULL, 10);
	else if (length == 17 &&
		 strncasecmp(line, "Transfer-Encoding", 17) == 0)
		reading->is_chunked = strcasecmp(value, "chunked") == 0;
	else if (length == 10 && strncasecmp(line, "Connection", 10) == 0)
		reading->closes = strcasecmp(value, "close") == 0;
	else if (length == 27 &&
		 strncasecmp(line, "X-ClickHouse-Exception-Code", 27) == 0)
		reading->answer->exception = atoi(value);
}

static int read_head(struct reading *reading)
{
	struct buf line = {0};
	int more = read_line(reading, &line);

	reading->answer->status = 0;
	reading->answer->exception = 0;
	if (more == 1 && strncmp(line.data, "HTTP/1.", 7) == 0 &&
	    line.length > 9)
		reading->answer->status = atoi(line.data + 9);
	if (more >= 0 && reading->answer->status == 0)
		more = -EPROTO;
	while (more > 0 && (more = read_line(reading, &line)) > 0)
		read_header(reading, line.data);
	buf_free(&line);
	return more;
}

/* --- body --- */

static int take(struct reading *reading, const char *bytes, size_t length)
{
	struct http_answer *answer = reading->answer;

	if (answer->status == 200 && answer->exception == 0)
		return answer->take != NULL
			   ? answer->take(answer->arg, bytes, length)
			   : 0;
	if (answer->text.length + length > TEXT_MOST)
		length = TEXT_MOST - answer->text.length;
	buf_append(&answer->text, bytes, length);
	return 0;
}

/* Take `length` bytes of the body; -1: all until the end. */
static int read_bytes(struct reading *reading, int64_t length)
{
	int error = 0;

	while (error == 0 && length != 0) {
		size_t have = reading->end - reading->at;

		if (have == 0) {
			error = refill(reading);
			if (error == -ECONNRESET && length < 0)
				return 0;
			continue;
		}
		if (length > 0 && (int64_t)have > length)
			have = (size_t)length;
		error = take(reading, reading->bytes + reading->at, have);
		reading->at += have;
		length -= length > 0 ? (int64_t)have : 0;
	}
	return error;
}

static int read_chunks(struct reading *reading)
{
	struct buf line = {0};
	int64_t length = 1;
	char *end;
	int error = 0;

	while (error == 0 && length > 0) {
		error = read_line(reading, &line);
		if (error <= 0) {
			error = error < 0 ? error : -EPROTO;
			break;
		}
		length = strtoll(line.data, &end, 16);
		error = end == line.data || length < 0 ? -EPROTO : 0;
		if (error == 0 && length > 0)
			error = read_bytes(reading, length);
		if (error == 0)
			error = read_line(reading, &line) == 0 ? 0 : -EPROTO;
	}
	buf_free(&line);
	return error;
}

static int read_answer(struct reading *reading)
{
	int error = read_head(reading);

	if (error < 0)
		return error;
	if (reading->is_chunked)
		return read_chunks(reading);
	reading->closes |= reading->length < 0;
	return read_bytes(reading, reading->length);
}

/* --- request --- */

static int send_request(struct link *link, const struct http_post *post)
{
	struct buf head = {0};
	int error;

	buf_printf(&head,
	    "POST %s%s HTTP/1.1\r\nHost: %s:%u\r\n%s"
	    "Content-Length: %zu\r\n\r\n",
	    post->url->base, post->path, post->url->host, post->url->port,
	    post->headers, post->body_length);
	error = head.failed ? -ENOMEM : link_send(link, head.data, head.length);
	if (error == 0)
		error = link_send(link, post->body, post->body_length);
	buf_free(&head);
	return error;
}

int http_post(
    struct link *link, const struct http_post *post, struct http_answer *answer)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	int error = -ENOMEM;
	bool closes = true;

	buf_clear(&answer->text);
	if (reading != NULL) {
		reading->link = link;
		reading->answer = answer;
		reading->length = -1;
		error = send_request(link, post);
		/* A server that refuses may answer before it has it all. */
		if (error == 0 || error == -EPIPE || error == -ECONNRESET) {
			int read = read_answer(reading);

			error = error == 0 || read < 0 ? read : error;
		}
		closes = reading->closes;
		free(reading);
	}
	if (error != 0 || closes)
		link_close(link);
	return error;
}
