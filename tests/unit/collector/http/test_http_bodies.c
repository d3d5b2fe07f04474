/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/http.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "tests/support/http_world.h"
#include "tests/support/rows.h"

#define BODY_MOST 1000
#define CLOSE     "Connection: close\r\n\r\n"

/* --- what the server does --- */

/* The body's bytes as the reply, or the error's number. */
static void on_body(struct evhttp_request *request, void *arg)
{
	struct buf raw = {0}, body = {0}, reply = {0};
	struct err err = {{0}};
	int error = http_raw_body(request, &raw, &err);

	(void)arg;
	if (error == 0)
		error = http_decode_body(request, &raw, BODY_MOST, &body, &err);
	if (error == 0)
		buf_printf(&reply, "%zu bytes: %.12s", body.length,
		    body.data != NULL ? body.data : "");
	else
		buf_printf(&reply, "error %d: %s", -error, err.text);
	assert_true(body.length <= BODY_MOST + 65536);
	http_reply_json(request, 200, &reply);
	buf_free(&raw);
	buf_free(&body);
	buf_free(&reply);
}

static const struct http_world_route routes[] = {
    {"/body", on_body},
    {NULL, on_body},
};

/* --- bodies --- */

enum packing { AS_IT_IS, GZIP, GZIP_CUT, GZIP_TAIL, GZIP_BROKEN };

static const struct body_row {
	const char *name, *encoding; /* NULL: none is named */
	size_t length;
	enum packing packing;
	const char *wanted;
} body_rows[] = {
    {"no body", NULL, 0, AS_IT_IS, "0 bytes: "},
    {"a body of the most bytes", NULL, 1000, AS_IT_IS, "1000 bytes: aaaa"},
    {"a byte more", NULL, 1001, AS_IT_IS, "error 7: over 1000 bytes"},
    {"gzip", "gzip", 12, GZIP, "12 bytes: aaaaaaaaaaaa"},
    {"gzip by its old name", "x-GZip", 12, GZIP, "12 bytes: aaaaaaaaaaaa"},
    {"gzip of the most bytes", "gzip", 1000, GZIP, "1000 bytes: aaaa"},
    {"gzip of a byte more", "gzip", 1001, GZIP, "error 7: over 1000 bytes"},
    {"gzip of nothing", "gzip", 0, GZIP, "0 bytes: "},
    {"a bomb", "gzip", 30 << 20, GZIP, "error 7: over 1000 bytes"},
    {"gzip that was cut", "gzip", 500, GZIP_CUT,
	"error 22: the body is not whole gzip"},
    {"gzip with something behind it", "gzip", 500, GZIP_TAIL,
	"error 22: the body is not whole gzip"},
    {"gzip with a wrong sum", "gzip", 500, GZIP_BROKEN,
	"error 22: the body is not whole gzip"},
    {"gzip that is none", "gzip", 500, AS_IT_IS,
	"error 22: the body is not whole gzip"},
    {"gzip that is nothing at all", "gzip", 0, AS_IT_IS,
	"error 22: the body is not whole gzip"},
    {"another encoding", "br", 12, AS_IT_IS,
	"error 95: the encoding \"br\" is not understood"},
    {"two encodings", "gzip, gzip", 12, GZIP, "error 95: the encoding"},
    {"gzip that is not said to be any", NULL, 12, GZIP, " bytes: \x1f\x8b"},
};

static void pack(const struct body_row *row, struct buf *out)
{
	z_stream stream = {0};
	struct buf plain = {0};
	char *room = buf_reserve(&plain, row->length);

	memset(room, 'a', row->length);
	buf_commit(&plain, row->length);
	if (row->packing == AS_IT_IS) {
		*out = plain;
		return;
	}
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	stream.next_in = (unsigned char *)plain.data;
	stream.avail_in = (uInt)plain.length;
	stream.avail_out = (uInt)deflateBound(&stream, plain.length);
	stream.next_out = (unsigned char *)buf_reserve(out, stream.avail_out);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	buf_commit(out, stream.total_out);
	deflateEnd(&stream);
	buf_free(&plain);
	if (row->packing == GZIP_CUT)
		out->length--;
	if (row->packing == GZIP_TAIL)
		buf_append_char(out, 'x');
	if (row->packing == GZIP_BROKEN)
		out->data[out->length - 8] ^= 1;
}

static void run_body(void **state)
{
	const struct body_row *row = *state;
	struct buf body = {0}, request = {0};
	const char *found;
	struct http_world world;

	pack(row, &body);
	buf_printf(&request, "POST /body HTTP/1.1\r\nContent-Length: %zu\r\n",
	    body.length);
	if (row->encoding != NULL)
		buf_printf(&request, "Content-Encoding: %s\r\n", row->encoding);
	buf_append_text(&request, CLOSE);
	buf_append(&request, body.data, body.length);
	http_world_open(&world, routes, NULL);
	http_world_talk(&world, request.data, request.length);
	found = strstr(world.reply.data, "\r\n\r\n");
	assert_non_null(found);
	if (strstr(found, row->wanted) == NULL)
		fail_msg("%s", found);
	http_world_close(&world);
	buf_free(&request);
	buf_free(&body);
}

int main(void)
{
	struct test_list list = {0};

	signal(SIGPIPE, SIG_IGN);
	TEST_ROWS(&list, body_rows, run_body);
	return test_run("http_bodies", &list);
}
