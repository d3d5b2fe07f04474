/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/attribute.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/proof.h"
#include "tests/support/rows.h"

#define NOW_MS   INT64_C(1790000000000)
#define MADE_S   (NOW_MS / 1000 - 3600)
#define REPORT   "01234567-89ab-7def-8123-456789abcdef"
#define AGENT    "0123456789abcdef0123456789abcdef"
#define STRANGER "ffffffffffffffffffffffffffffffff"

static const uint8_t secret[SIGN_SECRET_SIZE] = {1};
static const uint8_t other_secret[SIGN_SECRET_SIZE] = {2};

/* What one report and its attribution need. */
struct bench {
	struct geo *geo;
	struct report report;
	struct endpoint_list endpoints;
	const struct baseline_names *starttls;
	int64_t keep_ms;
	struct measurement *rows;
	size_t nrows;
	struct err err;
};

static void set_up(struct bench *bench)
{
	char asn[300], country[300];

	memset(bench, 0, sizeof(*bench));
	snprintf(asn, sizeof(asn), "%s/geolite2-asn.mmdb", GEO_FOLDER);
	snprintf(country, sizeof(country), "%s/country.mmdb", GEO_FOLDER);
	assert_int_equal(geo_open(asn, country, &bench->geo, &bench->err), 0);
	strcpy(bench->report.id, REPORT);
	strcpy(bench->report.agent, AGENT);
}

static void tear_down(struct bench *bench)
{
	free(bench->rows);
	report_free(&bench->report);
	endpoints_free(&bench->endpoints);
	geo_close(bench->geo);
}

static int attribute(struct bench *bench)
{
	struct attribution attribution = {
	    .secret = secret,
	    .geo = bench->geo,
	    .endpoints = &bench->endpoints,
	    .starttls = bench->starttls,
	    .run_by = "00000000000000bb",
	    .received_ms = NOW_MS,
	    .keep_ms = bench->keep_ms,
	};

	return attribute_report(&bench->report, &attribution, &bench->rows,
	    &bench->nrows, &bench->err);
}

static struct target_seen *add_target(
    struct bench *bench, const char *name, const char *address, int64_t at_ms)
{
	struct target_seen *target = report_add_target(&bench->report);

	assert_non_null(target);
	strcpy(target->endpoint, name);
	strcpy(target->host, name);
	assert_true(addr_parse(&target->address, address));
	target->family = target->address.family;
	target->at_ms = at_ms;
	return target;
}

static void add_probe(struct target_seen *target, uint16_t port,
    enum port_mode mode, enum stage ended, enum failure failure)
{
	struct probe_seen probe;

	probe_seen_init(&probe, port, mode);
	probe.ended = ended;
	probe.failure = failure;
	probe.us[STAGE_CONNECT] = 1500;
	probe.us[STAGE_BANNER] = 2500;
	assert_int_equal(target_seen_add_probe(target, &probe), 0);
}

static void add_open(struct target_seen *target, uint16_t port)
{
	add_probe(target, port, MODE_STARTTLS, STAGE_DONE, FAILURE_NONE);
}

/* --- who is where --- */

static const struct row {
	const char *name;
	const char *source; /* that the report says */
	const char *proven; /* that the proof is for; NULL: no proof */
	const char *agent;  /* that the proof is for */
	const uint8_t *secret;
	int64_t at_s; /* of the target, from when the proof was made */
	bool attributed;
	uint32_t asn;
	const char *country, *prefix;
} rows[] = {
    {"a proven address gives network, country and prefix", "192.0.2.25",
	"192.0.2.25", AGENT, secret, 60, true, 64496, "DE", "192.0.2.0/24"},
    {"without a proof nothing is attributed", "192.0.2.25", NULL, AGENT, secret,
	60, false, 0, "", ""},
    {"a proof for another address counts for nothing", "192.0.2.25",
	"192.0.2.26", AGENT, secret, 60, false, 0, "", ""},
    {"a proof for another agent counts for nothing", "192.0.2.25", "192.0.2.25",
	STRANGER, secret, 60, false, 0, "", ""},
    {"a proof by another collector counts for nothing", "192.0.2.25",
	"192.0.2.25", AGENT, other_secret, 60, false, 0, "", ""},
    {"a proof does not cover what came long before", "192.0.2.25", "192.0.2.25",
	AGENT, secret, -PROOF_EARLY_S - 1, false, 0, "", ""},
    {"a proof covers what came a little before", "192.0.2.25", "192.0.2.25",
	AGENT, secret, -PROOF_EARLY_S, true, 64496, "DE", "192.0.2.0/24"},
    {"a private address is proven, and in no network", "192.168.1.7",
	"192.168.1.7", AGENT, secret, 60, true, 0, "", "192.168.1.0/24"},
    {"a public address that no network owns", "203.0.114.7", "203.0.114.7",
	AGENT, secret, 60, true, 0, "", "203.0.114.0/24"},
    {"no source at all", NULL, NULL, AGENT, secret, 60, false, 0, "", ""},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct source_seen *source;
	struct bench bench;
	struct addr proven;

	set_up(&bench);
	source = &bench.report.source4;
	if (row->source != NULL)
		addr_parse(&source->address, row->source);
	if (row->proven != NULL) {
		addr_parse(&proven, row->proven);
		proof_make(row->secret, row->agent, &proven,
		    MADE_S + PROOF_LIFE_S, source->proof);
	}
	add_open(add_target(&bench, "mx1", "198.51.100.25",
		     (MADE_S + row->at_s) * 1000),
	    25);
	assert_int_equal(attribute(&bench), 0);
	assert_int_equal(bench.nrows, 1);
	assert_int_equal(bench.rows[0].attributed, row->attributed);
	assert_int_equal(bench.rows[0].asn, row->asn);
	assert_string_equal(bench.rows[0].country, row->country);
	assert_string_equal(bench.rows[0].prefix, row->prefix);
	tear_down(&bench);
}

static void prove(
    struct bench *bench, struct source_seen *source, const char *address)
{
	assert_true(addr_parse(&source->address, address));
	proof_make(secret, bench->report.agent, &source->address,
	    MADE_S + PROOF_LIFE_S, source->proof);
}

static void families(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	prove(&bench, &bench.report.source4, "198.51.100.7");
	prove(&bench, &bench.report.source6, "2001:db8:7:8::9");
	bench.report.source6.proof[0] ^= 1;
	add_open(add_target(&bench, "mx1", "192.0.2.25", NOW_MS), 25);
	add_open(add_target(&bench, "mx1", "2001:db8::25", NOW_MS), 25);
	assert_int_equal(attribute(&bench), 0);
	assert_int_equal(bench.nrows, 2);
	assert_int_equal(bench.rows[0].asn, 64497);
	assert_string_equal(bench.rows[0].country, "NL");
	assert_true(bench.rows[0].attributed);
	assert_false(bench.rows[1].attributed);
	assert_int_equal(bench.rows[1].family, 6);
	assert_string_equal(bench.rows[1].prefix, "");
	free(bench.rows);
	bench.report.source6.proof[0] ^= 1;
	assert_int_equal(attribute(&bench), 0);
	assert_true(bench.rows[1].attributed);
	assert_string_equal(bench.rows[1].prefix, "2001:db8:7::/48");
	assert_string_equal(bench.rows[1].country, "JP");
	tear_down(&bench);
}

/* --- the rows --- */

static void every_probe(void **state)
{
	static const char *const ids[] = {
	    REPORT ":0", REPORT ":1", REPORT ":2", REPORT ":3"};
	struct target_seen *target;
	struct bench bench;
	size_t i;

	(void)state;
	set_up(&bench);
	target = add_target(&bench, "mx1", "198.51.100.25", NOW_MS - 5);
	add_probe(target, 25, MODE_STARTTLS, STAGE_CONNECT, FAILURE_TIMEOUT);
	add_open(target, 25);
	add_probe(target, 443, MODE_CONNECT, STAGE_CONNECT, FAILURE_NONE);
	target = add_target(&bench, "mx2", "198.51.100.26", NOW_MS);
	add_probe(target, 465, MODE_TLS, STAGE_DONE, FAILURE_NONE);
	assert_int_equal(attribute(&bench), 0);
	assert_int_equal(bench.nrows, 4);
	for (i = 0; i < 4; i++) {
		assert_string_equal(bench.rows[i].id, ids[i]);
		assert_int_equal(strlen(bench.rows[i].agent), 16);
		assert_string_equal(bench.rows[i].agent, bench.rows[0].agent);
	}
	assert_int_equal(bench.rows[0].at_ms, NOW_MS - 5);
	assert_int_equal(bench.rows[0].failure, FAILURE_TIMEOUT);
	assert_int_equal(bench.rows[0].connect_us, 1500);
	assert_int_equal(bench.rows[0].total_us, 4000);
	assert_int_equal(bench.rows[0].icmp_type, OBSERVE_ABSENT);
	assert_int_equal(bench.rows[0].outcome, bench.rows[1].outcome);
	assert_int_equal(bench.rows[1].outcome, OUTCOME_REACHABLE);
	assert_int_equal(bench.rows[2].outcome, OUTCOME_COUNT);
	assert_int_equal(bench.rows[2].mechanism, MECHANISM_COUNT);
	assert_int_equal(bench.rows[2].after_hop, OBSERVE_ABSENT);
	assert_int_equal(bench.rows[3].port, 465);
	assert_string_equal(bench.rows[3].endpoint, "mx2");
	assert_null(strstr(bench.rows[0].agent, "0123"));
	assert_string_equal(bench.rows[0].run_by, "00000000000000bb");
	assert_int_equal(bench.rows[0].before_hop, OBSERVE_ABSENT);
	tear_down(&bench);
}

static void add_without_starttls(
    struct bench *bench, const char *name, const char *address, bool known)
{
	struct target_seen *target;
	struct endpoint *endpoint;
	int i;

	endpoint = endpoints_add(&bench->endpoints, name);
	assert_non_null(endpoint);
	endpoint->known.offers_starttls = known;
	target = add_target(bench, name, address, NOW_MS);
	for (i = 0; i < 3; i++) {
		add_probe(target, 25, MODE_STARTTLS, STAGE_STARTTLS,
		    FAILURE_NO_STARTTLS);
		strcpy(target->probes[i].smtp.caps[0], "SIZE");
		target->probes[i].smtp.ncaps = 1;
	}
}

/* At two owners' endpoints, of which the second one is known to offer it. */
static enum mechanism without_starttls(
    bool known, const struct baseline_names *learned)
{
	enum mechanism mechanism;
	struct bench bench;

	set_up(&bench);
	bench.starttls = learned;
	add_without_starttls(&bench, "mx1", "198.51.100.25", known);
	add_without_starttls(&bench, "mx9", "203.0.113.25", true);
	assert_int_equal(attribute(&bench), 0);
	mechanism = bench.rows[0].mechanism;
	tear_down(&bench);
	return mechanism;
}

static void known_endpoint(void **state)
{
	(void)state;
	assert_int_equal(
	    without_starttls(true, NULL), MECHANISM_STARTTLS_STRIPPED);
	assert_int_equal(without_starttls(false, NULL), MECHANISM_OPEN);
}

static void learned_endpoint(void **state)
{
	static char mx1[][ROW_ENDPOINT_SIZE] = {"mx0", "mx1"};
	static char mx2[][ROW_ENDPOINT_SIZE] = {"mx2"};
	struct baseline_names its = {mx1, 2}, another = {mx2, 1};

	(void)state;
	assert_int_equal(
	    without_starttls(false, &its), MECHANISM_STARTTLS_STRIPPED);
	assert_int_equal(without_starttls(false, &another), MECHANISM_OPEN);
}

static void add_beacon(
    struct bench *bench, const char *name, const char *address, uint8_t key)
{
	struct target_seen *target = add_target(bench, name, address, NOW_MS);
	struct endpoint *endpoint = endpoints_add(&bench->endpoints, name);

	assert_non_null(endpoint);
	endpoint->known.receipt_keys[endpoint->known.nreceipt_keys++][0] = key;
	add_open(target, 25);
	target->probes[0].receipt.worth = RECEIPT_MISSING;
	add_open(target, 587);
	target->probes[1].receipt.worth = RECEIPT_RIGHT;
}

static enum outcome without_receipts(const char *asn_file)
{
	struct bench bench;
	enum outcome outcome;
	char asn[300];

	set_up(&bench);
	geo_close(bench.geo);
	snprintf(asn, sizeof(asn), "%s/%s", GEO_FOLDER, asn_file);
	assert_int_equal(geo_open(asn, "", &bench.geo, &bench.err), 0);
	add_beacon(&bench, "mx.one.example", "192.0.2.25", 1);
	add_beacon(&bench, "mx.two.example", "198.51.100.25", 2);
	assert_int_equal(attribute(&bench), 0);
	assert_int_equal(bench.nrows, 4);
	outcome = bench.rows[0].outcome;
	assert_int_equal(bench.rows[2].outcome, outcome);
	tear_down(&bench);
	return outcome;
}

static void beacons_of_one_as(void **state)
{
	(void)state;
	assert_int_equal(without_receipts("spread-asn.mmdb"), OUTCOME_UNKNOWN);
	assert_int_equal(
	    without_receipts("geolite2-asn.mmdb"), OUTCOME_INTERCEPTED);
}

static const struct version_row {
	const char *name, *said, *kept;
} version_rows[] = {
    {"a version of TLS is kept", "TLSv1.3", "TLSv1.3"},
    {"an old one too", "TLSv1", "TLSv1"},
    {"none is none", "", ""},
    {"an agent's own word is not published", "me@example", "other"},
};

static void version_row(void **state)
{
	const struct version_row *row = *state;
	struct target_seen *target;
	struct bench bench;

	set_up(&bench);
	target = add_target(&bench, "mx1", "198.51.100.25", NOW_MS);
	add_open(target, 25);
	strcpy(target->probes[0].tls.version, row->said);
	assert_int_equal(attribute(&bench), 0);
	assert_string_equal(bench.rows[0].tls_version, row->kept);
	tear_down(&bench);
}

static void no_targets(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	assert_int_equal(attribute(&bench), 0);
	assert_int_equal(bench.nrows, 0);
	tear_down(&bench);
}

/* --- time --- */

static const struct time_row {
	const char *name;
	int64_t away_ms;
	const char *sentence; /* NULL: it is taken */
	int64_t keep_ms;
	bool both; /* targets, not only the second */
} time_rows[] = {
    {"thirty days old is taken", -ATTRIBUTE_PAST_MS, NULL, 0, true},
    {"older is refused", -ATTRIBUTE_PAST_MS - 1,
	"targets[1].at: over 30 days old"},
    {"five minutes ahead is taken", ATTRIBUTE_FUTURE_MS, NULL},
    {"further ahead is refused", ATTRIBUTE_FUTURE_MS + 1,
	"targets[1].at: in the future"},
    {"a day apart is taken", -ATTRIBUTE_SPAN_MS, NULL},
    {"further apart is refused", -ATTRIBUTE_SPAN_MS - 1,
	"targets[1].at: over a day away from another target"},
    {"the beginning of time is refused", INT64_C(-62135596800000) - NOW_MS,
	"targets[1].at: over 30 days old"},
    {"as old as rows get here is taken", -1000, NULL, 1000},
    {"older than rows get here is refused", -1001,
	"targets[1].at: older than what is kept here", 1000},
};

static void time_row(void **state)
{
	const struct time_row *row = *state;
	struct bench bench;
	int error;

	set_up(&bench);
	bench.keep_ms = row->keep_ms;
	add_open(add_target(&bench, "mx1", "198.51.100.25",
		     NOW_MS + (row->both ? row->away_ms : 0)),
	    25);
	add_open(
	    add_target(&bench, "mx2", "198.51.100.26", NOW_MS + row->away_ms),
	    25);
	error = attribute(&bench);
	assert_int_equal(error, row->sentence ? -EINVAL : 0);
	if (row->sentence != NULL) {
		assert_string_equal(bench.err.text, row->sentence);
		assert_null(bench.rows);
	}
	tear_down(&bench);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "each family has a proof of its own", families);
	test_add(&list, "every probe is a row, a control without a diagnosis",
	    every_probe);
	test_add(&list, "what is known of an endpoint decides on STARTTLS",
	    known_endpoint);
	test_add(&list,
	    "what the fleet has learned of an endpoint counts as well",
	    learned_endpoint);
	test_add(&list,
	    "two beacons in one AS are one word, in two ASes they convict",
	    beacons_of_one_as);
	TEST_ROWS(&list, version_rows, version_row);
	test_add(&list, "a report without targets has no rows", no_targets);
	TEST_ROWS(&list, time_rows, time_row);
	return test_run("attribute", &list);
}
