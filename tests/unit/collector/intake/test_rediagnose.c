/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/rediagnose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lib/report/report_encode.h"
#include "tests/support/rows.h"

#define NOW_MS INT64_C(1790000000000)
#define REPORT "01234567-89ab-7def-8123-456789abcdef"
#define HEADER "Content-Type: application/json\r\n"

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};

/* A signed report whose port 25 is open, and its rows as they are stored. */
struct world {
	struct geo *geo;
	struct endpoint_list endpoints;
	struct report report;
	struct rediagnosis how;
	struct buf signed_body;
	struct measurement *rows;
	size_t nrows;
	struct err err;
};

static void add_open_target(struct report *report)
{
	struct target_seen *target = report_add_target(report);
	struct probe_seen probe;

	assert_non_null(target);
	strcpy(target->endpoint, "mx1");
	strcpy(target->host, "mx1.example");
	assert_true(addr_parse(&target->address, "192.0.2.25"));
	target->family = target->address.family;
	target->at_ms = NOW_MS - 1000;
	probe_seen_init(&probe, 25, MODE_STARTTLS);
	probe.ended = STAGE_DONE;
	probe.us[STAGE_CONNECT] = 1500;
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void open_world(struct world *world)
{
	char asn[300], country[300];

	memset(world, 0, sizeof(*world));
	snprintf(asn, sizeof(asn), "%s/geolite2-asn.mmdb", GEO_FOLDER);
	snprintf(country, sizeof(country), "%s/country.mmdb", GEO_FOLDER);
	assert_int_equal(geo_open(asn, country, &world->geo, &world->err), 0);
	strcpy(world->report.id, REPORT);
	strcpy(world->report.agent, "0123456789abcdef0123456789abcdef");
	add_open_target(&world->report);
	world->how.attribution = (struct attribution){
	    .secret = secret,
	    .geo = world->geo,
	    .endpoints = &world->endpoints,
	    .run_by = "",
	    .received_ms = NOW_MS,
	};
	world->how.body_most = 100000;
	assert_int_equal(
	    attribute_report(&world->report, &world->how.attribution,
		&world->rows, &world->nrows, &world->err),
	    0);
	assert_int_equal(world->nrows, 1);
	assert_int_equal(world->rows[0].outcome, OUTCOME_REACHABLE);
}

static void close_world(struct world *world)
{
	free(world->rows);
	report_free(&world->report);
	endpoints_free(&world->endpoints);
	geo_close(world->geo);
	buf_free(&world->signed_body);
}

static void append_gzip(struct buf *out, const struct buf *plain)
{
	uint8_t packed[20000];
	z_stream stream = {
	    .next_in = (uint8_t *)plain->data,
	    .avail_in = (uInt)plain->length,
	    .next_out = packed,
	    .avail_out = sizeof(packed),
	};

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8,
			     Z_DEFAULT_STRATEGY),
	    Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	buf_append(out, packed, stream.total_out);
	deflateEnd(&stream);
}

static int diagnose_again(struct world *world, const char *header, bool gzip)
{
	struct buf plain = {0};

	report_encode(&world->report, &plain);
	buf_append_text(&world->signed_body, header);
	if (gzip)
		append_gzip(&world->signed_body, &plain);
	else
		buf_append(&world->signed_body, plain.data, plain.length);
	buf_free(&plain);
	assert_false(world->signed_body.failed);
	world->how.signed_body = world->signed_body.data;
	world->how.length = world->signed_body.length;
	return rediagnose(&world->how, world->rows, world->nrows, &world->err);
}

/* What an older diagnosis may have made of the row, or what is wrong. */
static const struct row {
	const char *name;
	const char *header;
	bool gzip, was_filtered;
	const char *id; /* of the stored row; NULL: its own */
	uint16_t port;
	int result;
} rows[] = {
    {"a row that is diagnosed as before stays", HEADER "\r\n", false, false,
	NULL, 25, 0},
    {"an older diagnosis is changed", HEADER "\r\n", false, true, NULL, 25, 1},
    {"a body in gzip", HEADER "Content-Encoding: gzip\r\n\r\n", true, true,
	NULL, 25, 1},
    {"a header in small letters", "content-encoding: gzip\r\n" HEADER "\r\n",
	true, true, NULL, 25, 1},
    {"gzip in another header is no encoding",
	HEADER "X-Content-Encoding: gzip\r\n\r\n", false, true, NULL, 25, 1},
    {"evidence without a body", HEADER, false, true, NULL, 25, -EINVAL},
    {"a body that is no gzip", HEADER "Content-Encoding: gzip\r\n\r\n", false,
	true, NULL, 25, -EINVAL},
    {"a row of another report", HEADER "\r\n", false, true,
	"01234567-89ab-7def-8123-000000000000:0", 25, -EINVAL},
    {"a row that the report does not have", HEADER "\r\n", false, true,
	REPORT ":1", 25, -EINVAL},
    {"a row of another port", HEADER "\r\n", false, true, NULL, 587, -EINVAL},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct measurement *stored;
	struct world world;

	open_world(&world);
	stored = world.rows;
	stored->port = row->port;
	stored->asn = 64500; /* as of then */
	if (row->id != NULL)
		strcpy(stored->id, row->id);
	if (row->was_filtered) {
		stored->outcome = OUTCOME_FILTERED;
		stored->mechanism = MECHANISM_DROP;
		stored->where = WHERE_PATH;
	}
	assert_int_equal(
	    diagnose_again(&world, row->header, row->gzip), row->result);
	assert_int_equal(stored->asn, 64500);
	assert_int_equal(stored->outcome, row->result < 0 && row->was_filtered
					      ? OUTCOME_FILTERED
					      : OUTCOME_REACHABLE);
	if (row->result < 0)
		assert_true(world.err.text[0] != '\0');
	close_world(&world);
}

static void hops(void **state)
{
	struct world world;

	(void)state;
	open_world(&world);
	world.rows->signs = 1;
	world.rows->after_asn = 64501;
	assert_int_equal(diagnose_again(&world, HEADER "\r\n", false), 1);
	assert_int_equal(world.rows->after_asn, 64501);
	world.rows->after_hop = 4;
	buf_free(&world.signed_body);
	assert_int_equal(diagnose_again(&world, HEADER "\r\n", false), 1);
	assert_int_equal(world.rows->after_asn, 0);
	close_world(&world);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "an AS of a hop stays as long as the hop does", hops);
	return test_run("rediagnose", &list);
}
