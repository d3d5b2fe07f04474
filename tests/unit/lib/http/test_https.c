/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "lib/http/httpc.h"
#include "tests/support/pki.h"
#include "tests/support/rows.h"
#include "tests/support/server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Two requests that may be in flight together, and what came of them. */
struct scene {
	struct event_base *base;
	struct ssl_ctx_st *tls;
	struct httpc *other;
	bool ask_again;
	int calls, status;
	struct addr local;
	char why[200], body[200];
	const struct httpc_request *request;
};

static void on_done(void *arg, const struct httpc_reply *reply)
{
	struct scene *scene = arg;

	scene->calls++;
	scene->status = reply->status;
	scene->local = reply->local;
	snprintf(scene->why, sizeof(scene->why), "%s", reply->why);
	snprintf(scene->body, sizeof(scene->body), "%.*s",
	    (int)reply->body_length, reply->body);
	httpc_cancel(scene->other);
	scene->other = NULL;
	if (scene->ask_again) {
		scene->ask_again = false;
		httpc_start(scene->base, scene->request, on_done, scene);
	}
}

static struct httpc_request request_to(
    const struct server *server, struct httpc_url *url)
{
	struct httpc_request request = {
	    .url = url,
	    .address = server->address,
	    .method = "GET",
	    .path = "/v1/whoami",
	    .reply_bytes_max = 100,
	    .timeout_s = 1,
	};

	url->port = server->port;
	return request;
}

static void begin_scene(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->base = event_base_new();
	assert_non_null(scene->base);
}

/* All events are gone when it returns, or the loop would not end. */
static void end_scene(struct scene *scene)
{
	event_base_dispatch(scene->base);
	event_base_free(scene->base);
}

static const struct server_step tls_steps[SERVER_STEPS_MAX] = {
    {SERVER_TLS}, {SERVER_HEAR}, {SERVER_SAY, OK_REPLY}, {SERVER_END}};

static const struct tls_row {
	const char *name, *host;
	struct pki_spec shown;
	bool trusted;
	int status;
	const char *why;
} tls_rows[] = {
    {"a certificate of the host verifies", "collector.example",
	{"collector.example"}, true, 200, ""},
    {"a dot that ends the name does not matter", "collector.example.",
	{"collector.example"}, true, 200, ""},
    {"a certificate of the address verifies", "127.0.0.1", {"127.0.0.1"}, true,
	200, ""},
    {"a certificate of another host does not", "collector.example",
	{"other.example"}, true, 0,
	"its certificate does not verify: hostname mismatch"},
    {"nor of another address", "127.0.0.1", {"127.0.0.2"}, true, 0,
	"its certificate does not verify: IP address mismatch"},
    {"nor one that is too old", "collector.example",
	{"collector.example", false, -20, -10}, true, 0,
	"its certificate does not verify: certificate has expired"},
    {"nor one of an authority that is not ours", "collector.example",
	{"collector.example"}, false, 0,
	"its certificate does not verify: unable to get local issuer "
	"certificate"},
};

static struct ssl_ctx_st *client_context(
    const struct pki_pair *authority, bool trusted)
{
	struct ssl_ctx_st *context = SSL_CTX_new(TLS_client_method());

	assert_non_null(context);
	if (trusted)
		assert_int_equal(
		    X509_STORE_add_cert(SSL_CTX_get_cert_store(context),
			authority->certificate),
		    1);
	return context;
}

static void run_tls(void **state)
{
	const struct tls_row *row = *state;
	const struct pki_spec root = {.name = "Test CA", .authority = true};
	struct httpc_url url = {.tls = true};
	struct pki_pair authority, pair;
	struct httpc_request request;
	struct ssl_ctx_st *shown;
	struct server server;
	struct scene scene;

	pki_make(&authority, &root, NULL);
	pki_make(&pair, &row->shown, &authority);
	shown = pki_server(&pair);
	server_start(&server, "127.0.0.1", tls_steps, shown);
	begin_scene(&scene);
	request = request_to(&server, &url);
	request.tls = client_context(&authority, row->trusted);
	snprintf(url.host, sizeof(url.host), "%s", row->host);
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	server_join(&server);
	assert_string_equal(scene.why, row->why);
	assert_int_equal(scene.status, row->status);
	assert_int_equal(scene.calls, 1);
	SSL_CTX_free(request.tls);
	SSL_CTX_free(shown);
	pki_free(&pair);
	pki_free(&authority);
}

static void no_tls_there(void **state)
{
	static const struct server_step steps[SERVER_STEPS_MAX] = {
	    {SERVER_TAKE}, {SERVER_SAY, OK_REPLY}, {SERVER_END}};
	struct httpc_url url = {.tls = true, .host = "collector.example"};
	const struct pki_spec root = {.name = "Test CA", .authority = true};
	struct pki_pair authority;
	struct httpc_request request;
	struct server server;
	struct scene scene;

	(void)state;
	pki_make(&authority, &root, NULL);
	server_start(&server, "127.0.0.1", steps, NULL);
	begin_scene(&scene);
	request = request_to(&server, &url);
	request.tls = client_context(&authority, true);
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	server_join(&server);
	assert_int_equal(scene.status, 0);
	assert_true(scene.why[0] != '\0');
	assert_int_equal(scene.calls, 1);
	SSL_CTX_free(request.tls);
	pki_free(&authority);
}

/* What odd servers cost: each row is plain HTTP on IPv6. */
static const struct odd_row {
	const char *name;
	struct server_step steps[SERVER_STEPS_MAX];
	int status;
	const char *body, *why;
} odd_rows[] = {
    {"a reply in segments of one byte is one reply",
	{{SERVER_HEAR}, {SERVER_DRIP, OK_REPLY}, {SERVER_END}}, 200, "ok", ""},
    {"a reply in chunks is one reply",
	{{SERVER_HEAR},
	    {SERVER_SAY, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			 "1\r\no\r\n1\r\nk\r\n0\r\n\r\n"},
	    {SERVER_END}},
	200, "ok", ""},
    {"chunks without end are given up",
	{{SERVER_HEAR},
	    {SERVER_SAY,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
	    {SERVER_FLOOD, "8\r\n01234567\r\n"}},
	0, "", "the answer is too long"},
    {"a body without end is given up",
	{{SERVER_HEAR}, {SERVER_SAY, "HTTP/1.1 200 OK\r\n\r\n"},
	    {SERVER_FLOOD, "0123456789"}},
	0, "", "the answer is too long"},
    {"headers without end are given up",
	{{SERVER_HEAR}, {SERVER_SAY, "HTTP/1.1 200 OK\r\n"},
	    {SERVER_FLOOD, "X-Filler: 0123456789012345678901234567890\r\n"}},
	0, "", "the answer is not HTTP"},
    {"a line without end is given up",
	{{SERVER_HEAR}, {SERVER_FLOOD, "HTTP/1.1 200 OK "}}, 0, "",
	"the answer is not HTTP"},
    {"silence is given up", {{SERVER_HEAR}, {SERVER_END}}, 0, "",
	"no answer in time"},
    {"a byte now and then is given up",
	{{SERVER_HEAR}, {SERVER_SAY, "HTTP/1.1 200 OK\r\nX: "},
	    {SERVER_TRICKLE, "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789"}},
	0, "", "no answer in time"},
    {"a reset is no reply", {{SERVER_HEAR}, {SERVER_RST}}, 0, "",
	"the connection was closed before the answer"},
    {"an absurd length is no reply",
	{{SERVER_HEAR},
	    {SERVER_SAY, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
	    {SERVER_END}},
	0, "", "the answer is not HTTP"},
};

static void run_odd(void **state)
{
	const struct odd_row *row = *state;
	struct httpc_url url = {.host = "::1"};
	struct httpc_request request;
	struct server server;
	struct scene scene;

	server_start(&server, "::1", row->steps, NULL);
	begin_scene(&scene);
	request = request_to(&server, &url);
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	server_join(&server);
	assert_string_equal(scene.why, row->why);
	assert_int_equal(scene.status, row->status);
	assert_string_equal(scene.body, row->body);
	assert_int_equal(scene.calls, 1);
	assert_true(server.sent < 16 * 1024 * 1024); /* the sockets' buffers */
}

static void what_is_said(void **state)
{
	static const struct server_step steps[SERVER_STEPS_MAX] = {
	    {SERVER_HEAR}, {SERVER_HEAR}, {SERVER_HEAR}, {SERVER_HEAR},
	    {SERVER_HEAR}, {SERVER_SAY, OK_REPLY}, {SERVER_END}};
	const struct httpc_header headers[] = {{"X-One", "1"}, {NULL, NULL}};
	struct httpc_url url = {.host = "::1", .base = "/base"};
	struct httpc_request request;
	struct server server;
	struct scene scene;
	char expected[300];

	(void)state;
	server_start(&server, "::1", steps, NULL);
	begin_scene(&scene);
	request = request_to(&server, &url);
	request.headers = headers;
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	server_join(&server);
	snprintf(expected, sizeof(expected),
	    "GET /base/v1/whoami HTTP/1.1;Host: [::1]:%u;Connection: close;"
	    "User-Agent: egress25/" EGRESS25_VERSION ";X-One: 1;;",
	    server.port);
	assert_string_equal(server.said, expected);
	assert_int_equal(scene.status, 200);
	assert_true(addr_equal(&scene.local, &server.address));
}

/* From inside of a callback: cancel another call, and begin a new one. */
static void from_inside(void **state)
{
	static const struct server_step quick[SERVER_STEPS_MAX] = {
	    {SERVER_HEAR}, {SERVER_SAY, OK_REPLY}, {SERVER_END}};
	static const struct server_step slow[SERVER_STEPS_MAX] = {{SERVER_END}};
	struct httpc_url url = {.host = "::1"}, other_url = url,
			 again_url = url;
	struct httpc_request request, other_request, again;
	struct server server, other, third;
	struct scene scene;

	(void)state;
	server_start(&server, "::1", quick, NULL);
	server_start(&other, "::1", slow, NULL);
	server_start(&third, "::1", quick, NULL);
	begin_scene(&scene);
	request = request_to(&server, &url);
	other_request = request_to(&other, &other_url);
	again = request_to(&third, &again_url);
	scene.request = &again;
	scene.ask_again = true;
	scene.other = httpc_start(scene.base, &other_request, on_done, &scene);
	assert_non_null(scene.other);
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	server_join(&server);
	server_join(&other);
	server_join(&third);
	assert_int_equal(scene.calls, 2);
	assert_int_equal(scene.status, 200);
}

/* Nobody answers the SYN. */
static void no_handshake(void **state)
{
	struct httpc_url url = {.host = "::1"};
	struct httpc_request request;
	struct server server;
	struct scene scene;
	int fillers[8];

	(void)state;
	server_start_full(&server, fillers);
	begin_scene(&scene);
	request = request_to(&server, &url);
	assert_non_null(httpc_start(scene.base, &request, on_done, &scene));
	end_scene(&scene);
	assert_string_equal(scene.why, "no answer in time");
	assert_int_equal(scene.calls, 1);
	server_stop_full(&server, fillers);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, tls_rows, run_tls);
	test_add(
	    &list, "a server that speaks no TLS is no collector", no_tls_there);
	TEST_ROWS(&list, odd_rows, run_odd);
	test_add(&list, "what is asked for, of whom, and with which headers",
	    what_is_said);
	test_add(&list, "a callback may cancel other calls and begin new ones",
	    from_inside);
	test_add(
	    &list, "a host that does not answer is given up", no_handshake);
	return test_run("https", &list);
}
