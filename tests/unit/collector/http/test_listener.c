/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/listener.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/http_world.h"
#include "tests/support/rows.h"

/* --- what the server does --- */

static void reply_literal(struct reply *reply, const char *text)
{
	struct buf body = {0};

	buf_append_text(&body, text);
	reply_json(reply, 200, &body);
}

static void on_json(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_literal(reply, "{\"a\":1}");
}

static void on_secret(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_set_header(reply, "Cache-Control", "no-store");
	reply_literal(reply, "{\"a\":2}");
}

static void on_failed(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct buf body = {.failed = true};

	reply_json(reply, 200, &body);
}

static void on_wrong(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_error(reply, 400, "asn", "\"\xff\n\" is none");
}

static void on_missing(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_error(reply, 404, NULL, "nothing");
}

static void on_busy(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_busy(reply, 503, 5, "later");
}

static void on_many(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_busy(reply, 429, 30, "slower");
}

static void on_method(
    struct server *server, const struct request *request, struct reply *reply)
{
	reply_wrong_method(reply, "GET, HEAD");
}

static void on_page(
    struct server *server, const struct request *request, struct reply *reply)
{
	static const struct reply_bytes page = {
	    .type = "text/html",
	    .etag = "\"page\"",
	    .plain = "<p>plain",
	    .gzip = "GZ",
	    .plain_length = 8,
	    .gzip_length = 2,
	};

	reply_bytes(reply, &page);
}

static void on_text(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct buf body = {0};

	buf_append_text(&body, "text");
	reply_text(reply, "text/plain", &body);
}

static void on_where(
    struct server *server, const struct request *request, struct reply *reply)
{
	const char *header = request_header(request, "x-ASKED");
	char text[200];

	snprintf(text, sizeof(text), "path=%s query=%s header=%s",
	    request->path, request->query != NULL ? request->query : "(none)",
	    header != NULL ? header : "(none)");
	reply_literal(reply, text);
}

static void on_client(
    struct server *server, const struct request *request, struct reply *reply)
{
	char text[ADDR_TEXT_SIZE], body[80];

	snprintf(
	    body, sizeof(body), "<%s>", addr_format(&request->client, text));
	reply_literal(reply, body);
}

static const struct http_world_route routes[] = {
    {"/json", on_json},
    {"/secret", on_secret},
    {"/failed", on_failed},
    {"/wrong", on_wrong},
    {"/missing", on_missing},
    {"/busy", on_busy},
    {"/many", on_many},
    {"/method", on_method},
    {"/page", on_page},
    {"/text", on_text},
    {"/client", on_client},
    {NULL, on_where},
};

/* --- replies --- */

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

static const struct row {
	const char *name, *request;
	const char *wanted[HTTP_WORLD_WANTED]; /* "~": must not be there */
} rows[] = {
    {"a JSON reply has its headers", "GET /json HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 200 ", "Content-Type: application/json\r\n",
	    "X-Content-Type-Options: nosniff\r\n",
	    "Referrer-Policy: no-referrer\r\n", "Cache-Control: no-cache\r\n",
	    "\r\n\r\n{\"a\":1}"}},
    {"what is for one client alone is not kept",
	"GET /secret HTTP/1.1\r\n" CLOSE,
	{"Cache-Control: no-store\r\n", "~no-cache", "{\"a\":2}"}},
    {"HEAD has the length and not the body", "HEAD /json HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 200 ", "Content-Length: 7\r\n", "ETag: ", "~{"}},
    {"a reply to HEAD ends where it must",
	"HEAD /json HTTP/1.1\r\nHost: x\r\n\r\nGET /secret HTTP/1.1\r\n" CLOSE,
	{"~{\"a\":1}", "\r\n\r\nHTTP/1.1 200 ", "{\"a\":2}"}},
    {"a reply to POST has no tag",
	"POST /json HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE,
	{"HTTP/1.1 200 ", "~ETag", "{\"a\":1}"}},
    {"no memory is said, and when to come again",
	"GET /failed HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 503 ", "Retry-After: 5\r\n", "out of memory"}},
    {"an error names its field, in JSON whatever is in it",
	"GET /wrong HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 400 ",
	    "{\"error\":{\"field\":\"asn\","
	    "\"message\":\"\\\"??\\\" is none\"}}",
	    "~ETag"}},
    {"an error without a field", "GET /missing HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 404 ",
	    "{\"error\":{\"field\":null,\"message\":\"nothing\"}}"}},
    {"an error to HEAD has no body", "HEAD /missing HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 404 ", "Content-Length: 44\r\n", "~{"}},
    {"busy says when to come again", "GET /busy HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 503 ", "Retry-After: 5\r\n", "later"}},
    {"too many requests too", "GET /many HTTP/1.1\r\n" CLOSE,
	{"HTTP/1.1 429 ", "Retry-After: 30\r\n", "slower"}},
    {"a wrong method says which are right",
	"POST /method HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE,
	{"HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "\"field\":null"}},
    {"a page, plain", "GET /page HTTP/1.1\r\n" CLOSE,
	{"Content-Type: text/html\r\n", "ETag: \"page\"\r\n",
	    "Vary: Accept-Encoding\r\n", "~Content-Encoding", "<p>plain"}},
    {"a page, for who takes gzip",
	"GET /page HTTP/1.1\r\nAccept-Encoding: br, gzip\r\n" CLOSE,
	{"Content-Encoding: gzip\r\n", "Vary: Accept-Encoding\r\n",
	    "\r\n\r\nGZ"}},
    {"a page, for who takes gzip with a weight",
	"GET /page HTTP/1.1\r\nAccept-Encoding: GZIP;q=0.5\r\n" CLOSE,
	{"Content-Encoding: gzip\r\n"}},
    {"a page, for who takes all but gzip",
	"GET /page HTTP/1.1\r\nAccept-Encoding: br, gzip ; q=0.0\r\n" CLOSE,
	{"~Content-Encoding", "<p>plain"}},
    {"a page, for who takes what only sounds like gzip",
	"GET /page HTTP/1.1\r\nAccept-Encoding: gzip2, xgzip\r\n" CLOSE,
	{"~Content-Encoding", "<p>plain"}},
    {"a page to HEAD", "HEAD /page HTTP/1.1\r\n" CLOSE,
	{"Content-Length: 8\r\n", "~plain"}},
    {"bytes without a tag", "GET /text HTTP/1.1\r\nIf-None-Match: *\r\n" CLOSE,
	{"HTTP/1.1 200 ", "~ETag", "~Vary", "text"}},
    {"path, query and a header in any case",
	"GET /a%2Fb?x=%31&y HTTP/1.1\r\nX-Asked: 1\r\n" CLOSE,
	{"path=/a%2Fb query=x=%31&y header=1"}},
    {"no query, no header", "GET /a HTTP/1.1\r\n" CLOSE,
	{"path=/a query=(none) header=(none)"}},
    {"an address before the path, as proxies have it",
	"GET http://x.example/a?b HTTP/1.1\r\n" CLOSE, {"path=/a query=b"}},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct http_world world;

	http_world_open(&world, routes, "");
	http_world_talk(&world, row->request, strlen(row->request));
	http_world_expect(&world, row->wanted);
	http_world_close(&world);
}

/* --- tags --- */

static const struct tag_row {
	const char *name, *method, *tags; /* "@": the tag of the reply */
	bool fresh;                       /* nothing new is sent */
} tag_rows[] = {
    {"its own tag", "GET", "@", true},
    {"its own tag, weak", "GET", "W/@", true},
    {"its own tag among others", "GET", "\"x\", W/\"y\" ,@", true},
    {"its own tag on a second line", "GET", "\"x\"\r\nIf-None-Match: @", true},
    {"any", "GET", "*", true},
    {"any, and a blank", "GET", "* ", true},
    {"its own tag, HEAD", "HEAD", "@", true},
    {"another tag", "GET", "\"0000000000000000\"", false},
    {"its own without the quotes is another", "GET", "0000", false},
    {"nothing", "GET", "", false},
    {"POST has no such condition here", "POST", "*", false},
};

static void learn_tag(char tag[32])
{
	static const char ask[] = "HEAD /json HTTP/1.1\r\n" CLOSE;
	struct http_world world;
	const char *found;

	http_world_open(&world, routes, "");
	http_world_talk(&world, ask, strlen(ask));
	found = strstr(world.reply.data, "ETag: ");
	assert_non_null(found);
	assert_int_equal(sscanf(found, "ETag: %31s", tag), 1);
	http_world_close(&world);
}

static void run_tag(void **state)
{
	const struct tag_row *row = *state;
	const char *at = strchr(row->tags, '@');
	struct buf request = {0};
	struct http_world world;
	char tag[32];

	learn_tag(tag);
	buf_printf(&request, "%s /json HTTP/1.1\r\nIf-None-Match: %.*s%s%s\r\n",
	    row->method, (int)(at ? at - row->tags : (int)strlen(row->tags)),
	    row->tags, at ? tag : "", at ? at + 1 : "");
	buf_append_text(&request, "Content-Length: 0\r\n" CLOSE);
	http_world_open(&world, routes, "");
	http_world_talk(&world, request.data, request.length);
	http_world_expect(&world,
	    row->fresh ? (const char *[HTTP_WORLD_WANTED]){"HTTP/1.1 304 ",
			     "ETag: ", "~Content-Length: 0", "~{"}
		       : (const char *[HTTP_WORLD_WANTED]){"HTTP/1.1 200 ",
			     "Content-Length: 7", "{\"a\":1}"});
	http_world_close(&world);
	buf_free(&request);
}

/* --- who asks --- */

static const struct client_row {
	const char *name, *headers, *client;
	const char *before; /* what the proxy says before the request */
} client_rows[] = {
    {"a trusted peer that forwards for nobody is the client", "", "127.0.0.1"},
    {"a proxy's client", "X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"},
    {"several lines are one list",
	"X-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 203.0.113.9\r\n",
	"203.0.113.9"},
    {"a PROXY header's client", "", "203.0.113.9",
	"PROXY TCP4 203.0.113.9 192.0.2.1 40000 443\r\n"},
    {"a PROXY header of a stranger counts, not what the stranger claims",
	"X-Forwarded-For: 192.0.2.1\r\n", "203.0.113.9",
	"PROXY TCP4 203.0.113.9 192.0.2.1 40000 443\r\n"},
    {"a PROXY header of a proxy of ours: whom that one speaks for",
	"X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1",
	"PROXY TCP4 10.1.1.1 192.0.2.1 40000 443\r\n"},
    {"the proxy asks for itself", "", "127.0.0.1", "PROXY UNKNOWN\r\n"},
};

static void ask_client(
    const char *before, const char *headers, const char *trusted, char *client)
{
	struct buf request = {0};
	struct http_world world;
	const char *found;

	http_world_open(&world, routes, trusted);
	buf_printf(&request, "%sGET /client HTTP/1.1\r\n%s" CLOSE,
	    before != NULL ? before : "", headers);
	http_world_talk(&world, request.data, request.length);
	found = strstr(world.reply.data, "\r\n\r\n<");
	assert_non_null(found);
	snprintf(client, 64, "%.*s", (int)strcspn(found + 5, ">"), found + 5);
	buf_free(&request);
	http_world_close(&world);
}

static void run_client(void **state)
{
	const struct client_row *row = *state;
	char client[64];

	ask_client(row->before, row->headers,
	    "127.0.0.0/8 10.0.0.0/8 2001:db8:f::/48", client);
	assert_string_equal(client, row->client);
}

static void run_stranger(void **state)
{
	char client[64];

	(void)state;
	ask_client(
	    NULL, "X-Forwarded-For: 203.0.113.9\r\n", "10.0.0.0/8", client);
	assert_string_equal(client, "127.0.0.1");
	ask_client(NULL, "X-Forwarded-For: 203.0.113.9\r\n", "", client);
	assert_string_equal(client, "127.0.0.1");
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, tag_rows, run_tag);
	TEST_ROWS(&list, client_rows, run_client);
	test_add(&list, "who is no proxy of ours is the client", run_stranger);
	return test_run("listener", &list);
}
