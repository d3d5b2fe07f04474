/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/uplink.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "agent/net/resolve.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/http/httpsig.h"
#include "lib/sign/possession.h"
#include "lib/sign/sign_verify.h"
#include "tests/support/key.h"
#include "tests/support/rows.h"

#define AGENT "0123456789abcdef0123456789abcdef"

/* A collector on loopback that gives everything the same answer, an agent that
 * calls it, and what both saw. */
struct scene {
	struct event_base *base;
	struct resolver *resolver;
	struct evhttp *http;
	struct sign_key *key;
	struct uplink *uplink;
	struct httpc_url url;

	int status;
	const char *answer, *answer6; /* over IPv6, unless NULL */
	const char *retry_after;

	int requests;
	char method[8], path[64], encoding[16], keyid[65];
	struct buf body;

	int calls;
	struct uplink_result result;
};

static const char *header(struct evhttp_request *request, const char *name)
{
	return evhttp_find_header(
	    evhttp_request_get_input_headers(request), name);
}

/* The request is signed with the agent's key, over its content, just now. */
static void check_signature(struct scene *scene, struct evhttp_request *request)
{
	struct httpsig_request message = {
	    .method = scene->method,
	    .path = scene->path,
	    .body = scene->body.data,
	    .body_length = scene->body.length,
	};
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	struct httpsig_params params;
	struct err err;

	if (httpsig_read(&message, header(request, "Content-Digest"),
		header(request, "Signature-Input"),
		header(request, "Signature"), &params, &err) < 0)
		fail_msg("%s", err.text);
	sign_key_public(scene->key, public_key);
	assert_true(sign_verify(
	    public_key, params.base, strlen(params.base), params.signature));
	assert_true(llabs(params.created_s - clock_wall_ms() / 1000) < 5);
	strcpy(scene->keyid, params.keyid);
}

static bool is_over_ipv6(struct evhttp_request *request)
{
	char *peer;
	ev_uint16_t port;

	evhttp_connection_get_peer(
	    evhttp_request_get_connection(request), &peer, &port);
	return strchr(peer, ':') != NULL;
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct scene *scene = arg;
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	struct evbuffer *output = evbuffer_new();
	const char *encoding = header(request, "Content-Encoding");
	size_t length = evbuffer_get_length(input);
	const char *answer = scene->answer;

	scene->requests++;
	strcpy(scene->method,
	    evhttp_request_get_command(request) == EVHTTP_REQ_GET ? "GET"
								  : "POST");
	snprintf(scene->path, sizeof(scene->path), "%s",
	    evhttp_request_get_uri(request));
	snprintf(scene->encoding, sizeof(scene->encoding), "%s",
	    encoding ? encoding : "");
	buf_clear(&scene->body);
	if (length > 0)
		buf_append(&scene->body, evbuffer_pullup(input, -1), length);
	check_signature(scene, request);
	if (scene->answer6 != NULL && is_over_ipv6(request))
		answer = scene->answer6;
	evbuffer_add(output, answer, strlen(answer));
	if (scene->retry_after != NULL)
		evhttp_add_header(evhttp_request_get_output_headers(request),
		    "Retry-After", scene->retry_after);
	evhttp_send_reply(request, scene->status, "X", output);
	evbuffer_free(output);
}

/* Listen at a host; port 0: a free one. Returns the port. */
static uint16_t listen_at(struct evhttp *http, const char *host, uint16_t port)
{
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(
	    http, host, port);
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);

	assert_non_null(bound);
	getsockname(
	    evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&own, &size);
	return ntohs(((struct sockaddr_in *)&own)->sin_port);
}

static void begin_scene(struct scene *scene, const char *host)
{
	struct err err;

	memset(scene, 0, sizeof(*scene));
	scene->status = 200;
	scene->base = event_base_new();
	assert_int_equal(
	    resolver_new(scene->base, "127.0.0.1:9", &scene->resolver, &err),
	    0);
	scene->http = evhttp_new(scene->base);
	evhttp_set_gencb(scene->http, on_request, scene);
	scene->url.port = listen_at(scene->http, "127.0.0.1", 0);
	snprintf(scene->url.host, sizeof(scene->url.host), "%s", host);
	strcpy(scene->url.base, "/base");
	scene->key = key_new();
	scene->uplink = uplink_new(
	    scene->base, scene->resolver, &scene->url, NULL, scene->key, AGENT);
	assert_non_null(scene->uplink);
}

static void end_scene(struct scene *scene)
{
	uplink_free(scene->uplink);
	evhttp_free(scene->http);
	resolver_free(scene->resolver);
	sign_key_free(scene->key);
	buf_free(&scene->body);
	event_base_free(scene->base);
}

static void on_done(void *arg, const struct uplink_result *result)
{
	struct scene *scene = arg;

	scene->calls++;
	scene->result = *result;
	event_base_loopbreak(scene->base);
}

static void wait_for_one(struct scene *scene)
{
	struct timeval patience = {.tv_sec = 10};
	int before = scene->calls;

	event_base_loopexit(scene->base, &patience);
	event_base_dispatch(scene->base);
	assert_int_equal(scene->calls, before + 1);
}

enum call { ENROL, WHOAMI, REPORT, PLAN, ROTATE };

static void call(struct scene *scene, enum call which)
{
	if (which == ENROL)
		uplink_enrol(
		    scene->uplink, "secret", "me@example.net", on_done, scene);
	else if (which == WHOAMI)
		uplink_whoami(scene->uplink, on_done, scene);
	else if (which == PLAN)
		uplink_plan(scene->uplink, on_done, scene);
	else if (which == ROTATE)
		uplink_rotate(scene->uplink, scene->key, on_done, scene);
	else
		uplink_report(scene->uplink, "{}", 2, on_done, scene);
	wait_for_one(scene);
}

#define SAID "{\"error\":{\"field\":\"f\",\"message\":\"not so\"}}"

static const struct call_row {
	const char *name;
	enum call call;
	int status;
	const char *answer;
	enum uplink_end end;
	const char *why;
} call_rows[] = {
    {"enrolled", ENROL, 200, "{\"agent\":\"a1\"}", UPLINK_OK, ""},
    {"enrolled under a name that does not fit a signature", ENROL, 200,
	"{\"agent\":\"a\\\"b\"}", UPLINK_TRY_LATER,
	"the collector's answer: agent: \"a\"b\" is not a valid name"},
    {"enrolled under an empty name", ENROL, 200, "{\"agent\":\"\"}",
	UPLINK_TRY_LATER,
	"the collector's answer: agent: \"\" is not a valid name"},
    {"enrolled without a name", ENROL, 200, "{}", UPLINK_TRY_LATER,
	"the collector's answer: agent: is missing"},
    {"not enrolled without a token", ENROL, 403, SAID, UPLINK_REFUSED,
	"the collector answered 403: f: not so"},
    {"a new key", ROTATE, 200, "{\"agent\":\"" AGENT "\"}", UPLINK_OK, ""},
    {"a new key, but for another agent", ROTATE, 200, "{\"agent\":\"a2\"}",
	UPLINK_TRY_LATER,
	"the collector's answer: agent: \"a2\" is another agent"},
    {"a new key, asked with an unknown key", ROTATE, 401, SAID, UPLINK_REFUSED,
	"the collector answered 401: f: not so"},
    {"a plan", PLAN, 200, "{\"format\":1}", UPLINK_OK, ""},
    {"a collector without plans", PLAN, 404, SAID, UPLINK_TRY_LATER,
	"the collector answered 404: f: not so"},
    {"a plan that is not an object", PLAN, 200, "[]", UPLINK_TRY_LATER, NULL},
    {"an acknowledged report", REPORT, 200, "{\"accepted\":7}", UPLINK_OK, ""},
    {"a report that was a duplicate", REPORT, 200,
	"{\"accepted\":0,\"duplicate\":true}", UPLINK_OK, ""},
    {"a 200 that acknowledges nothing", REPORT, 200, "{}", UPLINK_TRY_LATER,
	"the collector's answer: accepted: is missing"},
    {"a 200 with a number as text", REPORT, 200, "{\"accepted\":\"7\"}",
	UPLINK_TRY_LATER, NULL},
    {"a captive portal's page", REPORT, 200, "<html>", UPLINK_TRY_LATER, NULL},
    {"a captive portal's redirect", REPORT, 302, "", UPLINK_TRY_LATER,
	"the collector answered 302"},
    {"an invalid report", REPORT, 400, SAID, UPLINK_REFUSED,
	"the collector answered 400: f: not so"},
    {"a proxy that refuses the request", REPORT, 400, "<html>",
	UPLINK_TRY_LATER, "the collector answered 400"},
    {"a report that is too large for a proxy", REPORT, 413, "<html>",
	UPLINK_TRY_LATER, "the collector answered 413"},
    {"a report that is too large for the collector", REPORT, 413, SAID,
	UPLINK_REFUSED, "the collector answered 413: f: not so"},
    {"a wrong path", REPORT, 404, SAID, UPLINK_TRY_LATER,
	"the collector answered 404: f: not so"},
    {"a proxy that forbids", REPORT, 403, "no", UPLINK_TRY_LATER,
	"the collector answered 403"},
    {"an unknown key", REPORT, 401, SAID, UPLINK_REFUSED,
	"the collector answered 401: f: not so"},
    {"a collector in trouble", REPORT, 500, "", UPLINK_TRY_LATER,
	"the collector answered 500"},
    {"an error whose message is a number", REPORT, 400,
	"{\"error\":{\"message\":1}}", UPLINK_TRY_LATER,
	"the collector answered 400"},
    {"an address and its proof", WHOAMI, 200,
	"{\"address\":\"203.0.113.7\",\"family\":4,\"proof\":\"p\"}", UPLINK_OK,
	""},
    {"an address without proof", WHOAMI, 200,
	"{\"address\":\"203.0.113.7\",\"family\":4}", UPLINK_TRY_LATER,
	"the collector's answer: proof: is missing"},
    {"a proof of no address", WHOAMI, 200, "{\"proof\":\"p\"}",
	UPLINK_TRY_LATER, "the collector's answer: address: is missing"},
    {"an invalid address", WHOAMI, 200,
	"{\"address\":\"here\",\"proof\":\"p\"}", UPLINK_TRY_LATER, NULL},
    {"an unknown agent", WHOAMI, 401, SAID, UPLINK_REFUSED,
	"the collector answered 401: f: not so"},
};

static void run_call(void **state)
{
	const struct call_row *row = *state;
	struct scene scene;

	begin_scene(&scene, "127.0.0.1");
	scene.status = row->status;
	scene.answer = row->answer;
	call(&scene, row->call);
	assert_int_equal(scene.result.end, row->end);
	assert_int_equal(scene.result.status, row->status);
	if (row->why != NULL && row->end != UPLINK_OK)
		assert_string_equal(scene.result.why, row->why);
	assert_int_equal(scene.requests, 1);
	end_scene(&scene);
}

static void enrolment(void **state)
{
	struct scene scene;

	(void)state;
	begin_scene(&scene, "127.0.0.1");
	scene.answer = "{\"agent\":\"a1\"}";
	call(&scene, ENROL);
	assert_string_equal(scene.method, "POST");
	assert_string_equal(scene.path, "/base/v1/agents");
	assert_string_equal(scene.keyid, "enrol");
	assert_non_null(strstr(scene.body.data, "\"token\":\"secret\""));
	assert_non_null(
	    strstr(scene.body.data, "\"contact\":\"me@example.net\""));
	assert_string_equal(scene.result.agent_id, "a1");
	scene.answer = "{\"accepted\":1}";
	call(&scene, REPORT);
	assert_string_equal(scene.keyid, "a1");
	end_scene(&scene);
}

static void rotation(void **state)
{
	char proof[POSSESSION_SIZE], member[POSSESSION_SIZE + 32];
	struct sign_key *other = key_new();
	struct scene scene;

	(void)state;
	begin_scene(&scene, "127.0.0.1");
	scene.answer = "{\"agent\":\"" AGENT "\"}";
	uplink_rotate(scene.uplink, other, on_done, &scene);
	wait_for_one(&scene);
	assert_string_equal(scene.method, "POST");
	assert_string_equal(scene.path, "/base/v1/agents/key");
	assert_string_equal(scene.keyid, AGENT);
	assert_int_equal(possession_prove(other, AGENT, proof), 0);
	snprintf(member, sizeof(member), "\"possession\":\"%s\"", proof);
	assert_non_null(strstr(scene.body.data, member));
	sign_key_free(other);
	end_scene(&scene);
}

static void both_families(void **state)
{
	struct scene scene;

	(void)state;
	begin_scene(&scene, "localhost");
	listen_at(scene.http, "::1", scene.url.port);
	scene.answer = "{\"address\":\"203.0.113.7\",\"proof\":\"p4\"}";
	scene.answer6 = "{\"address\":\"2001:db8::7\",\"proof\":\"p6\"}";
	call(&scene, WHOAMI);
	assert_int_equal(scene.requests, 2);
	assert_string_equal(scene.method, "GET");
	assert_string_equal(scene.path, "/base/v1/whoami");
	assert_string_equal(scene.keyid, AGENT);
	assert_int_equal(scene.result.end, UPLINK_OK);
	assert_string_equal(scene.result.source4.proof, "p4");
	assert_string_equal(scene.result.source6.proof, "p6");
	assert_int_equal(scene.result.source6.address.family, 6);
	end_scene(&scene);
}

/* IPv6 does not answer; the proof of the other family is enough. */
static void one_family(void **state)
{
	struct scene scene;

	(void)state;
	begin_scene(&scene, "localhost");
	scene.answer = "{\"address\":\"203.0.113.7\",\"proof\":\"p4\"}";
	call(&scene, WHOAMI);
	assert_int_equal(scene.requests, 1);
	assert_int_equal(scene.result.end, UPLINK_OK);
	assert_string_equal(scene.result.source4.proof, "p4");
	assert_int_equal(scene.result.source6.address.family, 0);
	end_scene(&scene);
}

static void nobody(void **state)
{
	struct scene scene;

	(void)state;
	begin_scene(&scene, "localhost");
	evhttp_free(scene.http);
	scene.http = evhttp_new(scene.base);
	call(&scene, REPORT);
	assert_int_equal(scene.result.end, UPLINK_TRY_LATER);
	assert_int_equal(scene.result.status, 0);
	assert_string_equal(scene.result.why, "localhost: cannot connect");
	call(&scene, WHOAMI);
	assert_int_equal(scene.result.end, UPLINK_TRY_LATER);
	end_scene(&scene);
}

static void later(void **state)
{
	struct scene scene;

	(void)state;
	begin_scene(&scene, "127.0.0.1");
	scene.status = 429;
	scene.answer = SAID;
	scene.retry_after = "90";
	call(&scene, REPORT);
	assert_int_equal(scene.result.end, UPLINK_TRY_LATER);
	assert_int_equal(scene.result.retry_after_s, 90);
	end_scene(&scene);
}

static void inflate_body(const struct buf *body, char *out, size_t size)
{
	z_stream stream = {0};

	stream.next_in = (unsigned char *)body->data;
	stream.avail_in = (uInt)body->length;
	stream.next_out = (unsigned char *)out;
	stream.avail_out = (uInt)size;
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	out[stream.total_out] = '\0';
	inflateEnd(&stream);
}

static void gzip(void **state)
{
	static char text[100000], whole[100001];
	struct scene scene;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	begin_scene(&scene, "127.0.0.1");
	scene.answer = "{\"accepted\":1}";
	uplink_report(scene.uplink, text, strlen(text), on_done, &scene);
	wait_for_one(&scene);
	assert_string_equal(scene.encoding, "gzip");
	assert_true(scene.body.length < 1000);
	inflate_body(&scene.body, whole, sizeof(whole) - 1);
	assert_string_equal(whole, text);
	call(&scene, REPORT);
	assert_string_equal(scene.encoding, "");
	assert_string_equal(scene.body.data, "{}");
	end_scene(&scene);
}

/* A socket on ::1 that accepts connections and closes them. */
static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	int *accepted = arg, peer = accept(fd, NULL, NULL);

	(void)what;
	if (peer < 0)
		return;
	++*accepted;
	close(peer);
}

static void remembers(void **state)
{
	struct sockaddr_in6 own = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct scene scene;
	struct event *event;
	int fd = socket(AF_INET6, SOCK_STREAM, 0), accepted = 0;

	(void)state;
	begin_scene(&scene, "localhost");
	own.sin6_port = htons(scene.url.port);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(listen(fd, 5), 0);
	event = event_new(
	    scene.base, fd, EV_READ | EV_PERSIST, on_accept, &accepted);
	event_add(event, NULL);
	scene.answer = "{\"accepted\":1}";
	call(&scene, REPORT);
	assert_int_equal(scene.result.end, UPLINK_OK);
	assert_int_equal(accepted, 1);
	call(&scene, REPORT);
	assert_int_equal(scene.result.end, UPLINK_OK);
	assert_int_equal(accepted, 1);
	assert_int_equal(scene.requests, 2);
	event_free(event);
	close(fd);
	end_scene(&scene);
}

static void freed(void **state)
{
	struct timeval moment = {.tv_usec = 100000};
	struct scene scene;
	int when;

	(void)state;
	for (when = 0; when < 3; when++) {
		begin_scene(&scene, "localhost");
		scene.answer = "{\"accepted\":1}";
		uplink_report(scene.uplink, "{}", 2, on_done, &scene);
		if (when > 0)
			event_base_loop(scene.base, EVLOOP_ONCE);
		if (when > 1)
			event_base_loop(scene.base, EVLOOP_ONCE);
		uplink_free(scene.uplink);
		scene.uplink = NULL;
		event_base_loopexit(scene.base, &moment);
		event_base_dispatch(scene.base);
		assert_int_equal(scene.calls, 0);
		end_scene(&scene);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, call_rows, run_call);
	test_add(&list, "an enrolment sends the key, and the name is used",
	    enrolment);
	test_add(&list,
	    "a new key is sent with its proof, signed by the old one",
	    rotation);
	test_add(&list, "whoami is asked over both families", both_families);
	test_add(&list, "a family that is silent does not matter", one_family);
	test_add(&list, "an unreachable collector is reported", nobody);
	test_add(&list, "Retry-After is passed on", later);
	test_add(&list, "a report is compressed if that helps", gzip);
	test_add(&list, "the address that answered is tried first", remembers);
	test_add(&list, "no callback after the uplink is freed", freed);
	return test_run("uplink", &list);
}
