/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/request_head.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "tests/support/rows.h"

#define BYTES(text) text, sizeof(text) - 1
#define GET         "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST        "POST /v1/reports HTTP/1.1\r\nHost: x\r\n"
#define HOST        "Host: x\r\n"
#define END         "\r\n"

static const struct row {
	const char *name;
	const char *bytes;
	size_t length;
	int status; /* 0: whole and good */
	int64_t body;
} rows[] = {
    /* what honest clients and proxies send */
    {"a read", BYTES(GET END), 0, 0},
    {"a read of HTTP/1.0", BYTES("GET / HTTP/1.0\r\n\r\n"), 0, 0},
    {"HEAD", BYTES("HEAD /v1/whoami HTTP/1.1\r\n" HOST END), 0, 0},
    {"a query, with UTF-8 in it",
	BYTES("GET /v1/networks?state=filtered&x=%C3%BC%E2%82%ac "
	      "HTTP/1.1\r\n" HOST END),
	0, 0},
    {"an address before the path, as proxies have it",
	BYTES("GET http://x.example/v1/whoami HTTP/1.1\r\n" HOST END), 0, 0},
    {"OPTIONS of the whole server", BYTES("OPTIONS * HTTP/1.1\r\n" HOST END), 0,
	0},
    {"a body with its length", BYTES(POST "Content-Length: 5\r\n" END), 0, 5},
    {"a body of nothing", BYTES(POST "Content-Length: 0\r\n" END), 0, 0},
    {"a read that says it has no body", BYTES(GET "Content-Length: 0\r\n" END),
	0, 0},
    {"a length without a blank before it",
	BYTES(POST "content-length:5\r\n" END), 0, 5},
    {"a body in chunks", BYTES(POST "Transfer-Encoding: chunked\r\n" END), 0,
	REQUEST_CHUNKED},
    {"a body that waits to be asked for",
	BYTES(POST "Content-Length: 5\r\nExpect: 100-continue\r\n" END), 0, 5},
    {"a header value in UTF-8, with a tab",
	BYTES(GET "User-Agent: J\xc3\xbcrgen\t(curl)\r\n" END), 0, 0},
    {"an empty value", BYTES(GET "X-Forwarded-For:\r\n" END), 0, 0},
    /* RFC 9112, 3.2: who is asked */
    {"no Host", BYTES("GET / HTTP/1.1\r\n" END), 400, 0},
    {"no Host, and a body",
	BYTES("POST /v1/reports HTTP/1.1\r\nContent-Length: 5\r\n" END), 400,
	0},
    {"no Host, with a target that names one",
	BYTES("GET http://x.example/ HTTP/1.1\r\n" END), 400, 0},
    {"no Host in HTTP/1.0, which has none", BYTES("GET / HTTP/1.0\r\n" END), 0,
	0},
    {"an empty Host", BYTES("GET / HTTP/1.1\r\nHost:\r\n" END), 0, 0},
    /* a body that not everybody sees */
    {"HEAD with a body",
	BYTES("HEAD / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" END), 400, 0},
    {"GET with a body", BYTES(GET "Content-Length: 5\r\n" END), 400, 0},
    {"OPTIONS with a body",
	BYTES("OPTIONS / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" END), 400,
	0},
    {"DELETE with a body",
	BYTES("DELETE / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" END), 400,
	0},
    {"GET with chunks", BYTES(GET "Transfer-Encoding: chunked\r\n" END), 400,
	0},
    {"TRACE", BYTES("TRACE / HTTP/1.1\r\n" END), 501, 0},
    {"CONNECT", BYTES("CONNECT x:25 HTTP/1.1\r\n" END), 501, 0},
    {"a method in small letters", BYTES("get / HTTP/1.1\r\n" END), 501, 0},
    {"an invented method", BYTES("SMUGGLE / HTTP/1.1\r\n" END), 501, 0},
    /* lengths */
    {"two lengths",
	BYTES(POST "Content-Length: 5\r\nContent-Length: 6\r\n" END), 400, 0},
    {"the same length twice",
	BYTES(POST "Content-Length: 5\r\ncontent-length: 5\r\n" END), 400, 0},
    {"a list of lengths", BYTES(POST "Content-Length: 5, 5\r\n" END), 400, 0},
    {"a length with a plus", BYTES(POST "Content-Length: +5\r\n" END), 400, 0},
    {"a length with a minus", BYTES(POST "Content-Length: -5\r\n" END), 400, 0},
    {"a length in hexadecimal", BYTES(POST "Content-Length: 0x5\r\n" END), 400,
	0},
    {"a length that looks octal", BYTES(POST "Content-Length: 05\r\n" END), 400,
	0},
    {"a length with a point", BYTES(POST "Content-Length: 5.0\r\n" END), 400,
	0},
    {"an empty length", BYTES(POST "Content-Length:\r\n" END), 400, 0},
    {"a length of a blank", BYTES(POST "Content-Length: \r\n" END), 400, 0},
    {"a length after two blanks", BYTES(POST "Content-Length:  5\r\n" END), 400,
	0},
    {"a length before a blank", BYTES(POST "Content-Length: 5 \r\n" END), 400,
	0},
    {"a length after a tab", BYTES(POST "Content-Length:\t5\r\n" END), 400, 0},
    {"a length before a form feed", BYTES(POST "Content-Length: 5\f\r\n" END),
	400, 0},
    {"a length with a blank in it", BYTES(POST "Content-Length: 5 5\r\n" END),
	400, 0},
    {"a length of 2^64 and 5",
	BYTES(POST "Content-Length: 18446744073709551621\r\n" END), 400, 0},
    {"a length of 16 digits",
	BYTES(POST "Content-Length: 1000000000000000\r\n" END), 400, 0},
    /* codings */
    {"length and chunks",
	BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" END),
	400, 0},
    {"chunks and length",
	BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n" END),
	400, 0},
    {"chunks twice",
	BYTES(POST "Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: chunked\r\n" END),
	400, 0},
    {"chunks and identity",
	BYTES(POST "Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: identity\r\n" END),
	400, 0},
    {"identity", BYTES(POST "Transfer-Encoding: identity\r\n" END), 400, 0},
    {"gzip, then chunks",
	BYTES(POST "Transfer-Encoding: gzip, chunked\r\n" END), 400, 0},
    {"chunks in a list", BYTES(POST "Transfer-Encoding: chunked, \r\n" END),
	400, 0},
    {"Chunked", BYTES(POST "Transfer-Encoding: Chunked\r\n" END), 400, 0},
    {"chunks and a blank", BYTES(POST "Transfer-Encoding: chunked \r\n" END),
	400, 0},
    {"a tab and chunks", BYTES(POST "Transfer-Encoding:\tchunked\r\n" END), 400,
	0},
    {"two blanks and chunks", BYTES(POST "Transfer-Encoding:  chunked\r\n" END),
	400, 0},
    {"xchunked", BYTES(POST "Transfer-Encoding: xchunked\r\n" END), 400, 0},
    {"no coding", BYTES(POST "Transfer-Encoding:\r\n" END), 400, 0},
    {"chunks in quotes", BYTES(POST "Transfer-Encoding: \"chunked\"\r\n" END),
	400, 0},
    {"chunks on a folded line",
	BYTES(POST "Transfer-Encoding:\r\n chunked\r\n" END), 400, 0},
    {"chunks after a vertical tab",
	BYTES(POST "Transfer-Encoding: \vchunked\r\n" END), 400, 0},
    {"chunks in HTTP/1.0",
	BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" END), 400, 0},
    /* lines */
    {"a blank before the colon", BYTES(POST "Content-Length : 5\r\n" END), 400,
	0},
    {"a tab before the colon",
	BYTES(POST "Transfer-Encoding\t: chunked\r\n" END), 400, 0},
    {"a folded line", BYTES(GET "X-A: b\r\n c\r\n" END), 400, 0},
    {"a line folded with a tab", BYTES(GET "X-A: b\r\n\tc\r\n" END), 400, 0},
    {"a blank before the first field",
	BYTES("GET / HTTP/1.1\r\n Host: x\r\n" END), 400, 0},
    {"a line without a colon", BYTES(GET "Content-Length\r\n" END), 400, 0},
    {"a line without a name", BYTES(GET ": 5\r\n" END), 400, 0},
    {"a NUL in a name", BYTES(GET "X\0A: 5\r\n" END), 400, 0},
    {"a NUL in a value", BYTES(GET "X-A: 5\0\r\n" END), 400, 0},
    {"a name that is no token", BYTES(GET "X(A): 5\r\n" END), 400, 0},
    {"a name with UTF-8 in it", BYTES(GET "X\xc3\xbc: 5\r\n" END), 400, 0},
    {"lines that end in LF", BYTES("GET / HTTP/1.1\nHost: x\n\n"), 400, 0},
    {"one line that ends in LF",
	BYTES(POST "X-A: b\nContent-Length: 5\r\n" END), 400, 0},
    {"an empty line of LF", BYTES(GET "\n"), 400, 0},
    {"a CR in a value", BYTES(GET "X-A: b\rContent-Length: 5\r\n" END), 400, 0},
    {"two CRs", BYTES(GET "X-A: b\r\r\n" END), 400, 0},
    {"lines that end in CR", BYTES("GET / HTTP/1.1\rHost: x\r\r"), 400, 0},
    {"an ESC in a value", BYTES(GET "User-Agent: \x1b[2J\r\n" END), 400, 0},
    {"a DEL in a value", BYTES(GET "User-Agent: \x7f\r\n" END), 400, 0},
    {"Latin-1 in a value", BYTES(GET "User-Agent: J\xfcrgen\r\n" END), 400, 0},
    {"half a character in a value", BYTES(GET "User-Agent: \xe2\x82\r\n" END),
	400, 0},
    {"an overlong slash in a value", BYTES(GET "X-A: \xc0\xaf\r\n" END), 400,
	0},
    {"U+0085 in a value", BYTES(GET "X-A: \xc2\x85\r\n" END), 400, 0},
    {"two Hosts", BYTES(GET "host: y\r\n" END), 400, 0},
    {"an expectation of something else",
	BYTES(POST "Content-Length: 5\r\nExpect: tea\r\n" END), 417, 0},
    /* request lines */
    {"an empty line first", BYTES("\r\n" GET END), 400, 0},
    {"a blank first", BYTES(" GET / HTTP/1.1\r\n" END), 400, 0},
    {"two blanks", BYTES("GET  / HTTP/1.1\r\n" END), 400, 0},
    {"a blank at the end", BYTES("GET / HTTP/1.1 \r\n" END), 400, 0},
    {"tabs", BYTES("GET\t/\tHTTP/1.1\r\n" END), 400, 0},
    {"no version", BYTES("GET /\r\n" END), 400, 0},
    {"a blank in the target", BYTES("GET /a b HTTP/1.1\r\n" END), 400, 0},
    {"HTTP/0.9", BYTES("GET / HTTP/0.9\r\n" END), 400, 0},
    {"HTTP/1.2", BYTES("GET / HTTP/1.2\r\n" END), 400, 0},
    {"HTTP/01.1", BYTES("GET / HTTP/01.1\r\n" END), 400, 0},
    {"HTTP/1.1x", BYTES("GET / HTTP/1.1x\r\n" END), 400, 0},
    {"http/1.1", BYTES("GET / http/1.1\r\n" END), 400, 0},
    {"HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 501, 0},
    {"a target that is no path", BYTES("GET v1 HTTP/1.1\r\n" END), 400, 0},
    {"another scheme", BYTES("GET ftp://x/ HTTP/1.1\r\n" END), 400, 0},
    {"a star for a read", BYTES("GET * HTTP/1.1\r\n" END), 400, 0},
    {"a fragment", BYTES("GET /a#b HTTP/1.1\r\n" END), 400, 0},
    {"quotes in the target", BYTES("GET /\"> HTTP/1.1\r\n" END), 400, 0},
    {"UTF-8 that is not encoded", BYTES("GET /\xc3\xbc HTTP/1.1\r\n" END), 400,
	0},
    {"an encoded byte that is not UTF-8", BYTES("GET /?a=%ff HTTP/1.1\r\n" END),
	400, 0},
    {"an encoded NUL", BYTES("GET /?a=%00 HTTP/1.1\r\n" END), 400, 0},
    {"an encoded LF", BYTES("GET /?a=%0a HTTP/1.1\r\n" END), 400, 0},
    {"an encoded half of a character", BYTES("GET /?a=%C3 HTTP/1.1\r\n" END),
	400, 0},
    {"a percent alone", BYTES("GET /?a=% HTTP/1.1\r\n" END), 400, 0},
    {"a percent and one digit", BYTES("GET /?a=%4 HTTP/1.1\r\n" END), 400, 0},
    {"a percent and no digits", BYTES("GET /?a=%zz HTTP/1.1\r\n" END), 400, 0},
    {"TLS to a plain port", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\n"),
	400, 0},
    {"SSH", BYTES("SSH-2.0-OpenSSH_9.2\r\n"), 400, 0},
};

/* Each head also begins with what no verdict is possible on, or the same one.
 */
static void run_row(void **state)
{
	const struct row *row = *state;
	struct request_head head;
	const char *why = NULL;
	size_t length;
	int status;

	for (length = 0; length < row->length; length++) {
		status = request_head_read(row->bytes, length, &head, &why);
		assert_true(
		    status == -EAGAIN || (status > 0 && status == row->status));
	}
	status = request_head_read(row->bytes, row->length, &head, &why);
	assert_int_equal(status, row->status);
	if (status != 0) {
		assert_non_null(why);
		return;
	}
	assert_int_equal(head.length, row->length);
	assert_int_equal(head.body, row->body);
}

/* --- limits --- */

static int read_long(size_t target, size_t fields, size_t value)
{
	struct request_head head;
	struct buf text = {0};
	const char *why;
	int status;

	buf_append_text(&text, "GET /");
	while (target-- > 1)
		buf_append_char(&text, 'a');
	buf_append_text(&text, " HTTP/1.1\r\n");
	while (fields-- > 0)
		buf_append_text(&text, "a:\r\n");
	buf_append_text(&text, "Host:");
	while (value-- > 0)
		buf_append_char(&text, 'c');
	buf_append_text(&text, "\r\n\r\n");
	status = request_head_read(text.data, text.length, &head, &why);
	buf_free(&text);
	return status;
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(read_long(8192, 99, 10), 0);
	assert_int_equal(read_long(8193, 0, 10), 414);
	assert_int_equal(read_long(1, 100, 10), 431);
	assert_int_equal(read_long(1, 0, 16384 - 25), 0);
	assert_int_equal(read_long(1, 0, 16384 - 24), 431);
}

/* --- chunks --- */

static const struct chunk_row {
	const char *name;
	const char *bytes;
	size_t length;
	int status;
	size_t content;
} chunk_rows[] = {
    {"no content", BYTES("0\r\n\r\n"), 0, 0},
    {"two chunks", BYTES("5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n"), 0,
	15},
    {"what follows is the next request", BYTES("1\r\nx\r\n0\r\n\r\nGET /"), 0,
	1},
    {"content of line ends", BYTES("4\r\n\r\n\r\n\r\n0\r\n\r\n"), 0, 4},
    {"as much as may be", BYTES("10\r\n0123456789abcdef\r\n0\r\n\r\n"), 0, 16},
    {"one byte more", BYTES("11\r\n0123456789abcdefg\r\n0\r\n\r\n"), 413, 0},
    {"one byte more in another chunk",
	BYTES("10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n"), 413, 0},
    {"a huge chunk", BYTES("fffffff\r\n"), 413, 0},
    {"a size that overflows", BYTES("10000000000000001\r\nx\r\n0\r\n\r\n"), 400,
	0},
    {"a size with 0x", BYTES("0x1\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"a size with a plus", BYTES("+1\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"a size with a minus", BYTES("-1\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"a blank before the size", BYTES(" 1\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"a blank behind the size", BYTES("1 \r\nx\r\n0\r\n\r\n"), 400, 0},
    {"an extension", BYTES("1;a=b\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"no size", BYTES("\r\nx\r\n0\r\n\r\n"), 400, 0},
    {"a size that ends in LF", BYTES("1\nx\r\n0\r\n\r\n"), 400, 0},
    {"content that ends in LF", BYTES("1\r\nx\n0\r\n\r\n"), 400, 0},
    {"content that is longer", BYTES("1\r\nxy\r\n0\r\n\r\n"), 400, 0},
    {"a trailer field", BYTES("0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"), 400,
	0},
};

static void run_chunks(void **state)
{
	const struct chunk_row *row = *state;
	struct request_chunks chunks = {0};
	const char *why = NULL;
	int status = -EAGAIN;
	size_t length;

	for (length = 0; status == -EAGAIN && length <= row->length; length++)
		status = request_chunks_read(
		    row->bytes, length, 16, &chunks, &why);
	assert_int_equal(status, row->status);
	if (status == 0) {
		assert_int_equal(chunks.length, length - 1);
		assert_int_equal(chunks.content, row->content);
	}
	memset(&chunks, 0, sizeof(chunks));
	assert_int_equal(
	    request_chunks_read(row->bytes, row->length, 16, &chunks, &why),
	    row->status);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, chunk_rows, run_chunks);
	test_add(&list, "limits of targets, fields and heads", test_limits);
	return test_run("request_head", &list);
}
