/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/readiness.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/net/resolve.h"
#include "agent/readiness/spf.h"
#include "lib/base/clock.h"
#include "lib/http/httpc.h"
#include "tests/support/dns_server.h"
#include "tests/support/rows.h"

/* A zone as lines "LABEL TYPE VALUE": names are of .example, and an address
 * has the label that its reverse name begins with. */
#define ZONE_MAX 24
#define SEEN4    "192.0.2.7"
#define SEEN6    "2001:db8::7"

struct scene {
	struct event_base *base;
	struct evhttp *http;
	int status;
	const char *answer;
	char path[64];
	bool is_signed;
	struct dns_server dns;
	struct dns_record records[ZONE_MAX + 1];
	char bytes[ZONE_MAX][256], labels[ZONE_MAX][64];
	struct resolver *resolver;
	struct httpc_url url;
	int calls;
	struct readiness found;
};

static size_t put_name(char *out, const char *label)
{
	size_t length = strlen(label);

	out[0] = (char)length;
	memcpy(out + 1, label, length);
	memcpy(out + 1 + length, "\007example", 9);
	return length + 10;
}

static size_t put_value(struct dns_record *record, char *out, const char *value)
{
	size_t length;

	switch (record->type) {
	case RR_A:
		inet_pton(AF_INET, value, out);
		return 4;
	case RR_AAAA:
		inet_pton(AF_INET6, value, out);
		return 16;
	case RR_MX:
		out[0] = out[1] = 0;
		return 2 + put_name(out + 2, value);
	case RR_TXT:
		length = strlen(value);
		out[0] = (char)length;
		memcpy(out + 1, value, length);
		return length + 1;
	default:
		return put_name(out, value);
	}
}

static void add_record(struct scene *scene, size_t i, const char *line)
{
	static const struct {
		const char *word;
		uint16_t type;
	} types[] = {{"A", RR_A}, {"AAAA", RR_AAAA}, {"MX", RR_MX},
	    {"TXT", RR_TXT}, {"PTR", RR_PTR}};
	struct dns_record *record = &scene->records[i];
	char type[8];
	int at = 0;
	size_t k;

	assert_int_equal(
	    sscanf(line, "%63s %7s %n", scene->labels[i], type, &at), 2);
	for (k = 0; k < sizeof(types) / sizeof(*types); k++)
		if (strcmp(types[k].word, type) == 0)
			record->type = types[k].type;
	assert_int_not_equal(record->type, 0);
	record->label = scene->labels[i];
	record->bytes = scene->bytes[i];
	record->length = (uint16_t)put_value(
	    record, scene->bytes[i], line + at);
}

static void on_request(struct evhttp_request *request, void *arg)
{
	struct scene *scene = arg;
	struct evbuffer *output;

	snprintf(scene->path, sizeof(scene->path), "%s",
	    evhttp_request_get_uri(request));
	scene->is_signed = evhttp_find_header(
			       evhttp_request_get_input_headers(request),
			       "Signature") != NULL;
	if (scene->answer == NULL)
		return; /* never answers */
	output = evbuffer_new();
	evbuffer_add(output, scene->answer, strlen(scene->answer));
	evhttp_send_reply(request, scene->status, "X", output);
	evbuffer_free(output);
}

/* `answer` NULL: the collector is silent. */
static void open_scene(struct scene *scene, const char *const *zone,
    const char *host, const char *answer)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in own;
	socklen_t size = sizeof(own);
	char url[80];
	size_t i;

	memset(scene, 0, sizeof(*scene));
	scene->base = event_base_new();
	scene->http = evhttp_new(scene->base);
	evhttp_set_gencb(scene->http, on_request, scene);
	bound = evhttp_bind_socket_with_handle(scene->http, host, 0);
	assert_non_null(bound);
	getsockname(
	    evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&own, &size);
	snprintf(url, sizeof(url), "http://%s%s%s:%d/base",
	    strchr(host, ':') ? "[" : "", host, strchr(host, ':') ? "]" : "",
	    ntohs(own.sin_port));
	assert_int_equal(httpc_parse_url(url, &scene->url, NULL), 0);
	scene->status = 200;
	scene->answer = answer;
	for (i = 0; i < ZONE_MAX && zone[i] != NULL; i++)
		add_record(scene, i, zone[i]);
	scene->dns.records = scene->records;
}

static void close_scene(struct scene *scene)
{
	resolver_free(scene->resolver);
	dns_server_stop(&scene->dns);
	evhttp_free(scene->http);
	event_base_free(scene->base);
}

static void on_found(void *arg, const struct readiness *found)
{
	struct scene *scene = arg;

	scene->calls++;
	scene->found = *found;
	event_base_loopbreak(scene->base);
}

/* Start the name server too, which the caller may have changed. */
static struct readiness_run *start(
    struct scene *scene, const struct readiness_request *request)
{
	struct readiness_run *run;

	dns_server_start(&scene->dns, scene->base);
	assert_int_equal(resolver_new(scene->base, scene->dns.address,
			     &scene->resolver, NULL),
	    0);
	run = readiness_start(
	    scene->base, scene->resolver, request, on_found, scene);
	assert_non_null(run);
	assert_int_equal(scene->calls, 0);
	return run;
}

static void run_to_end(
    struct scene *scene, const struct readiness_request *request)
{
	const struct timeval limit = {12, 0};

	start(scene, request);
	event_base_loopexit(scene->base, &limit);
	event_base_dispatch(scene->base);
	assert_int_equal(scene->calls, 1);
}

/* What was found, in a line. */
static const char *summary(const struct readiness_family *family)
{
	static const char *const facts[] = {"?", "no", "yes"};
	static char text[800];
	char address[ADDR_TEXT_SIZE];

	snprintf(text, sizeof(text),
	    "%s name %s %s, leads back %s, SPF of %s %s, "
	    "EHLO %s",
	    addr_format(&family->address, address), facts[family->has_name],
	    family->rdns[0] ? family->rdns : "-", facts[family->leads_back],
	    family->spf_domain[0] ? family->spf_domain : "-",
	    spf_result_word(family->spf), facts[family->helo_matches]);
	return text;
}

static const struct row {
	const char *name;
	const char *zone[ZONE_MAX];
	const char *domain, *helo;
	const char *expected;
} rows[] = {
    {"everything is in order",
	{"7 PTR mx", "mx A 192.0.2.7", "mx TXT v=spf1 a -all"}, NULL,
	"mx.example",
	SEEN4 " name yes mx.example, leads back yes, SPF of mx.example pass, "
	      "EHLO yes"},
    {"SPF of a domain that is named",
	{"7 PTR mx", "mx A 192.0.2.7", "mx TXT v=spf1 a -all",
	    "other TXT v=spf1 ip4:198.51.100.0/24 -all"},
	"other.example", "mx.example",
	SEEN4 " name yes mx.example, leads back yes, SPF of other.example "
	      "fail, EHLO yes"},
    {"softfail", {"dom TXT v=spf1 ~all"}, "dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example softfail, EHLO ?"},
    {"a domain without SPF", {"dom TXT hello"}, "dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example none, EHLO ?"},
    {"no PTR: SPF of the name for EHLO",
	{"mx A 192.0.2.7", "mx TXT v=spf1 a -all"}, NULL, "mx.example",
	SEEN4 " name no -, leads back no, SPF of mx.example pass, EHLO yes"},
    {"no PTR and no name for EHLO: no SPF", {"mx A 192.0.2.7"}, NULL, "",
	SEEN4 " name no -, leads back no, SPF of - unknown, EHLO ?"},
    {"a PTR that leads elsewhere", {"7 PTR mx", "mx A 192.0.2.8"}, NULL,
	"helo.example",
	SEEN4 " name yes mx.example, leads back no, SPF of mx.example none, "
	      "EHLO no"},
    {"a PTR whose name has no address", {"7 PTR mx"}, NULL, "",
	SEEN4 " name yes mx.example, leads back no, SPF of mx.example none, "
	      "EHLO ?"},
    {"the second of two names leads back",
	{"7 PTR one", "7 PTR two", "one A 192.0.2.8", "two A 192.0.2.7"}, NULL,
	"",
	SEEN4 " name yes two.example, leads back yes, SPF of two.example none, "
	      "EHLO ?"},
    {"a domain without MX is not its own MX",
	{"dom TXT v=spf1 mx -all", "dom A 192.0.2.7"}, "dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example fail, EHLO ?"},
    {"SPF by MX hosts",
	{"dom TXT v=spf1 mx -all", "dom MX mx", "dom MX my", "my A 192.0.2.7"},
	"dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example pass, EHLO ?"},
    {"SPF through an include and a redirect",
	{"dom TXT v=spf1 include:inc.example redirect=red.example",
	    "inc TXT v=spf1 ip4:198.51.100.1 -all",
	    "red TXT v=spf1 ip4:192.0.2.0/28 -all"},
	"dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example pass, EHLO ?"},
    {"SPF that needs eleven look-ups",
	{"dom TXT v=spf1 a:h.example a:h.example a:h.example a:h.example "
	 "a:h.example a:h.example a:h.example a:h.example a:h.example "
	 "a:h.example a:h.example all",
	    "h A 198.51.100.1"},
	"dom.example", "",
	SEEN4 " name no -, leads back no, SPF of dom.example unknown, EHLO ?"},
};

static void lookups(void **state)
{
	const struct row *row = *state;
	const struct readiness_request request = {
	    .family4 = true,
	    .domain = row->domain,
	    .helo = row->helo,
	    .limit_ms = 10000,
	};
	struct readiness_request asked = request;
	struct scene scene;

	open_scene(
	    &scene, row->zone, "127.0.0.1", "{\"address\":\"" SEEN4 "\"}");
	asked.collector = &scene.url;
	run_to_end(&scene, &asked);
	assert_int_equal(scene.found.count, 1);
	assert_true(scene.found.family[0].by_collector);
	assert_string_equal(summary(&scene.found.family[0]), row->expected);
	assert_string_equal(scene.path, "/base/v1/whoami");
	assert_false(scene.is_signed);
	close_scene(&scene);
}

static const char *const nothing[] = {NULL};

static void over_ipv6(void **state)
{
	static const char *const zone[] = {"7 PTR mx", "mx AAAA " SEEN6,
	    "mx A 192.0.2.8", "mx TXT v=spf1 a//64 -all", NULL};
	struct readiness_request request = {
	    .family6 = true, .helo = "mx.example", .limit_ms = 10000};
	struct scene scene;

	open_scene(&scene, zone, "::1", "{\"address\":\"" SEEN6 "\"}");
	request.collector = &scene.url;
	run_to_end(&scene, &request);
	assert_string_equal(summary(&scene.found.family[0]),
	    SEEN6 " name yes mx.example, leads back yes, SPF of mx.example "
		  "pass, EHLO yes");
	close_scene(&scene);
}

static void both_families(void **state)
{
	static const char *const zone[] = {
	    "7 PTR mx", "mx A " SEEN4, "mx TXT v=spf1 a -all", NULL};
	struct readiness_request request = {.family4 = true,
	    .family6 = true,
	    .helo = "mx.example",
	    .limit_ms = 10000};
	struct scene scene;

	open_scene(&scene, zone, "127.0.0.1", "{\"address\":\"" SEEN4 "\"}");
	request.collector = &scene.url;
	run_to_end(&scene, &request);
	assert_int_equal(scene.found.count, 2);
	assert_int_equal(scene.found.family[0].family, 4);
	assert_true(scene.found.family[0].by_collector);
	assert_int_equal(scene.found.family[1].family, 6);
	assert_false(scene.found.family[1].by_collector);
	assert_string_equal(scene.found.family[1].collector_why,
	    "the collector cannot be reached: an address of the other family");
	close_scene(&scene);
}

static const struct bad_row {
	const char *name;
	int status;
	const char *answer, *why;
} bad_rows[] = {
    {"a collector that is busy", 503, "{}", "the collector answered 503"},
    {"a collector that answers no JSON", 200, "hello",
	"the collector's answer names no such address"},
    {"a collector that names no address", 200, "{\"address\":null}",
	"the collector's answer names no such address"},
    {"a collector that names an address of the other family", 200,
	"{\"address\":\"2001:db8::1\"}",
	"the collector's answer names no such address"},
    {"a collector that sees a private address", 200,
	"{\"address\":\"192.168.1.2\"}",
	"the collector sees a private address too"},
    {"a collector that never answers", 200, NULL,
	"the collector did not answer in time"},
};

/* Then the socket's own address counts, where it is public. */
static void bad_collector(void **state)
{
	const struct bad_row *row = *state;
	struct readiness_request request = {
	    .family4 = true, .helo = "", .limit_ms = 8000};
	const struct readiness_family *found;
	int64_t began_us = clock_mono_us();
	struct scene scene;

	open_scene(&scene, nothing, "127.0.0.1", row->answer);
	scene.status = row->status;
	request.collector = &scene.url;
	run_to_end(&scene, &request);
	found = &scene.found.family[0];
	assert_false(found->by_collector);
	assert_string_equal(found->collector_why, row->why);
	assert_int_equal(found->address.family != 0,
	    found->local.family != 0 && !addr_is_private(&found->local));
	assert_true(clock_mono_us() - began_us < 5000000);
	close_scene(&scene);
}

static const struct limit_row {
	const char *name;
	enum dns_behaviour behaviour;
	int limit_ms, most_ms;
	const char *why;
} limit_rows[] = {
    {"a silent name server leaves everything unknown, in time", DNS_SILENT, 700,
	1500, "DNS did not answer in time"},
    {"a name server that fails leaves everything unknown", DNS_CODE, 9000, 9000,
	"the name server failed"},
};

static void no_dns(void **state)
{
	const struct limit_row *row = *state;
	struct readiness_request request = {
	    .family4 = true, .helo = "mx.example", .limit_ms = row->limit_ms};
	int64_t began_us = clock_mono_us();
	struct scene scene;

	open_scene(&scene, nothing, "127.0.0.1", "{\"address\":\"" SEEN4 "\"}");
	scene.dns.behaviour = row->behaviour;
	scene.dns.code = 2;
	request.collector = &scene.url;
	run_to_end(&scene, &request);
	assert_string_equal(summary(&scene.found.family[0]),
	    SEEN4 " name ? -, leads back ?, SPF of - unknown, EHLO ?");
	assert_string_equal(scene.found.family[0].dns_why, row->why);
	assert_true(clock_mono_us() - began_us < row->most_ms * 1000);
	close_scene(&scene);
}

static void cancelled(void **state)
{
	static const char *const zone[] = {
	    "7 PTR mx", "mx A " SEEN4, "mx TXT v=spf1 a -all", NULL};
	const struct timeval moment = {0, 2000};
	struct readiness_request request = {.family4 = true,
	    .family6 = true,
	    .helo = "mx.example",
	    .domain = "mx.example",
	    .limit_ms = 10000};
	struct readiness_run *run;
	struct scene scene;
	int steps, i;

	for (steps = 0; steps < 12; steps++) {
		open_scene(
		    &scene, zone, "127.0.0.1", "{\"address\":\"" SEEN4 "\"}");
		request.collector = &scene.url;
		run = start(&scene, &request);
		for (i = 0; i < steps && scene.calls == 0; i++)
			event_base_loop(scene.base, EVLOOP_ONCE);
		if (scene.calls == 0)
			readiness_cancel(run);
		scene.calls = 0;
		event_base_loopexit(scene.base, &moment);
		event_base_dispatch(scene.base);
		assert_int_equal(scene.calls, 0);
		close_scene(&scene);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, lookups);
	TEST_ROWS(&list, bad_rows, bad_collector);
	TEST_ROWS(&list, limit_rows, no_dns);
	test_add(&list, "IPv6 is looked up with AAAA and ip6.arpa", over_ipv6);
	test_add(&list, "each family is asked for on its own", both_families);
	test_add(
	    &list, "wherever it is cancelled, nobody is called", cancelled);
	return test_run("readiness", &list);
}
