/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

#define HEAD                                                               \
	"{\"format\":\"egress25-plan/1\",\"at\":\"2026-11-24T08:00:00Z\"," \
	"\"until\":\"2026-11-24T09:00:00Z\",\"endpoints\":["
#define TAIL "]}"
#define WHEN "\"next\":\"2026-11-24T08:01:00Z\",\"interval_s\":600"
#define MX(more)                                                          \
	"{\"name\":\"mx\",\"host\":\"mx.example.net\",\"ports\":[\"25\"]" \
	"," WHEN more "}"

static const struct bad_row {
	const char *name, *json, *why; /* why NULL: valid */
} bad_rows[] = {
    {"a plan without endpoints is valid", HEAD TAIL, NULL},
    {"a plan with an endpoint", HEAD MX("") TAIL, NULL},
    {"unknown keys are ignored", HEAD MX(",\"colour\":1") TAIL, NULL},
    {"null means unknown",
	HEAD MX(",\"starttls\":null,\"spki\":null,\"extra\":null") TAIL, NULL},
    {"not JSON", "plan", "this is no JSON at byte 0"},
    {"another format", "{\"format\":\"egress25-plan/2\"}",
	"format: is not egress25-plan/1"},
    {"no time", "{\"format\":\"egress25-plan/1\"}", "at: is missing"},
    {"an end before the beginning",
	"{\"format\":\"egress25-plan/1\",\"at\":\"2026-11-24T08:00:00Z\","
	"\"until\":\"2026-11-24T08:00:00Z\",\"endpoints\":[]}",
	"until: is not after `at`"},
    {"a duplicate name", HEAD MX("") "," MX("") TAIL,
	"endpoints[1].name: \"mx\" is empty or a duplicate"},
    {"host and domain", HEAD MX(",\"domain\":\"example.net\"") TAIL,
	"endpoints[0]: needs either host or domain"},
    {"neither host nor domain",
	HEAD "{\"name\":\"mx\",\"ports\":[\"25\"]," WHEN "}" TAIL,
	"endpoints[0]: needs either host or domain"},
    {"a host with a space",
	HEAD "{\"name\":\"mx\",\"host\":\"a b\",\"ports\":[]," WHEN "}" TAIL,
	"endpoints[0].host: \"a b\" is not a valid name"},
    {"a domain that is an address",
	HEAD "{\"name\":\"mx\",\"domain\":\"192.0.2.1\",\"ports\":[]," WHEN
	     "}" TAIL,
	"endpoints[0].domain: \"192.0.2.1\" is not a valid name"},
    {"an invalid port",
	HEAD "{\"name\":\"mx\",\"host\":\"a\",\"ports\":[\"0\"]," WHEN "}" TAIL,
	NULL},
    {"an invalid mode",
	HEAD
	"{\"name\":\"mx\",\"host\":\"a.example\",\"ports\":[\"25/x\"]," WHEN
	"}" TAIL,
	"endpoints[0].ports: '25/x' has no mode: write starttls, tls or "
	"connect"},
    {"a control port as text", HEAD MX(",\"control\":[\"443\"]") TAIL,
	"endpoints[0].control[0]: must be a whole number, not text"},
    {"too many control ports",
	HEAD MX(",\"control\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]")
	    TAIL,
	NULL},
    {"a key that is not a SHA-256 digest", HEAD MX(",\"spki\":[\"00\"]") TAIL,
	"endpoints[0].spki[0]: is not a SHA-256 digest"},
    {"an unknown kind", HEAD MX(",\"kind\":\"web\"") TAIL, NULL},
    {"no interval",
	HEAD "{\"name\":\"mx\",\"host\":\"a.example\",\"ports\":[\"25\"],"
	     "\"next\":\"2026-11-24T08:01:00Z\"}" TAIL,
	"endpoints[0].interval_s: is missing"},
    {"no slot",
	HEAD "{\"name\":\"mx\",\"host\":\"a.example\",\"ports\":[\"25\"],"
	     "\"interval_s\":600}" TAIL,
	"endpoints[0].next: is missing"},
    {"too many extra visits", HEAD MX(",\"extra\":1001") TAIL, NULL},
};

#define GOOD_ROWS 4 /* the first ones */

static void run_bad(void **state)
{
	const struct bad_row *row = *state;
	bool good = row < bad_rows + GOOD_ROWS;
	struct err err = {""};
	struct plan plan;
	int error = plan_decode(row->json, strlen(row->json), &plan, &err);

	assert_int_equal(error, good ? 0 : -EINVAL);
	if (row->why != NULL)
		assert_string_equal(err.text, row->why);
	if (!good) {
		assert_int_equal(plan.endpoints.count, 0);
		assert_null(plan.slots);
		assert_true(err.text[0] != '\0');
	}
	plan_free(&plan);
}

#define KEY                                \
	"00112233445566778899aabbccddeeff" \
	"00112233445566778899aabbccddeeff"

static const char whole[] = HEAD
    "{\"name\":\"mx\",\"domain\":\"example.net\","
    "\"ports\":[\"25/starttls\",\"465/tls\"],\"control\":[443,25],"
    "\"kind\":\"submission\",\"starttls\":true,\"spki\":[\"" KEY "\"],"
    "\"addresses\":2,\"next\":\"2026-11-24T08:01:00.500Z\","
    "\"interval_s\":900,\"least_s\":600,\"extra\":3}" TAIL;

static void everything(void **state)
{
	const struct endpoint *endpoint;
	struct plan plan;
	struct err err;

	(void)state;
	assert_int_equal(plan_decode(whole, strlen(whole), &plan, &err), 0);
	assert_int_equal(plan.until_ms - plan.at_ms, 3600000);
	assert_int_equal(plan.slots[0].next_ms - plan.at_ms, 60500);
	assert_int_equal(plan.slots[0].extra, 3);
	assert_int_equal(plan.slots[0].least_s, 600);
	endpoint = &plan.endpoints.items[0];
	assert_string_equal(endpoint->domain, "example.net");
	assert_int_equal(endpoint->ports.count, 2);
	assert_int_equal(endpoint->ports.port[1], 465);
	assert_int_equal(endpoint->ports.mode[1], MODE_TLS);
	assert_int_equal(endpoint->control.count, 1);
	assert_int_equal(endpoint->control.port[0], 443);
	assert_int_equal(endpoint->control.mode[0], MODE_CONNECT);
	assert_int_equal(endpoint->kind, ENDPOINT_SUBMISSION);
	assert_true(endpoint->known.offers_starttls);
	assert_int_equal(endpoint->known.nserves, 2);
	assert_int_equal(endpoint->known.serves[1], 465);
	assert_int_equal(endpoint->known.nspki, 1);
	assert_int_equal(endpoint->known.spki_sha256[0][31], 0xff);
	assert_int_equal(endpoint->addresses, 2);
	assert_int_equal(endpoint->interval_s, 900);
	plan_free(&plan);
}

static void kept(void **state)
{
	struct buf text = {0};
	struct plan plan;
	struct err err;
	int64_t taken_ms;

	(void)state;
	plan_keep(whole, strlen(whole), "https://a.example", 1234567, &text);
	assert_int_equal(plan_decode_kept(&text, "https://a.example", &taken_ms,
			     &plan, &err),
	    0);
	assert_int_equal(taken_ms, 1234567);
	assert_int_equal(plan.endpoints.count, 1);
	plan_free(&plan);
	assert_int_equal(plan_decode_kept(&text, "https://b.example", &taken_ms,
			     &plan, &err),
	    -ESTALE);
	text.data[text.length - 3] = ' ';
	assert_int_equal(plan_decode_kept(&text, "https://a.example", &taken_ms,
			     &plan, &err),
	    -EINVAL);
	assert_int_equal(plan.endpoints.count, 0);
	buf_free(&text);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, bad_rows, run_bad);
	test_add(&list, "every member of a plan is read", everything);
	test_add(&list, "a stored plan belongs to its collector", kept);
	return test_run("agent_plan", &list);
}
