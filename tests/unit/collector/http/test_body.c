/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/body.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "tests/support/rows.h"

#define BODY_MOST 1000

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

/* The decoded body as a text, or the error's number. */
static void describe(const struct request *request, struct buf *text)
{
	struct buf body = {0};
	struct err err = {{0}};
	int error = body_decode(request, BODY_MOST, &body, &err);

	if (error == 0)
		buf_printf(text, "%zu bytes: %.12s", body.length,
		    body.data != NULL ? body.data : "");
	else
		buf_printf(text, "error %d: %s", -error, err.text);
	assert_true(body.length <= BODY_MOST + 65536);
	buf_free(&body);
}

static void run_body(void **state)
{
	const struct body_row *row = *state;
	const struct request_header header = {
	    "content-encoding", row->encoding};
	struct request request = {.method = METHOD_POST, .path = "/body"};
	struct buf body = {0}, text = {0};

	pack(row, &body);
	request.headers = &header;
	request.nheaders = row->encoding != NULL;
	request.body = body.data;
	request.body_length = body.length;
	describe(&request, &text);
	if (strstr(text.data, row->wanted) == NULL)
		fail_msg("%s", text.data);
	buf_free(&text);
	buf_free(&body);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, body_rows, run_body);
	return test_run("body", &list);
}
