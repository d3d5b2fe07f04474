/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

static struct measurement example(void)
{
	struct measurement row = {
	    .id = "01930000-0000-7000-8000-000000000001:7",
	    .at_ms = INT64_C(1795521600123),
	    .agent = "00000000000000aa",
	    .run_by = "00000000000000bb",
	    .asn = 64500,
	    .network = "Example",
	    .country = "DE",
	    .prefix = "203.0.113.0/24",
	    .family = 4,
	    .endpoint = "mx1",
	    .port = 25,
	    .mode = MODE_STARTTLS,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_UNREACHABLE,
	    .outcome = OUTCOME_FILTERED,
	    .mechanism = MECHANISM_ICMP,
	    .where = WHERE_PATH,
	    .after_hop = 2,
	    .before_hop = 3,
	    .endpoint_hops = 5,
	    .after_asn = 64500,
	    .before_asn = 64501,
	    .signs = SOFT_SLOW | SOFT_PATHS_DIFFER,
	    .icmp_type = 3,
	    .icmp_code = 13,
	    .smtp_code = OBSERVE_ABSENT,
	    .connect_us = OBSERVE_ABSENT,
	    .total_us = 12345,
	    .attributed = true,
	    .listed = true,
	};

	addr_parse(&row.address, "192.0.2.25");
	return row;
}

static const char example_json[] =
    "{\"schema_version\":2,"
    "\"id\":\"01930000-0000-7000-8000-000000000001:7\","
    "\"at\":\"2026-11-24T12:00:00.123Z\",\"agent\":\"00000000000000aa\","
    "\"asn\":64500,\"network\":\"Example\",\"country\":\"DE\","
    "\"prefix\":\"203.0.113.0/24\",\"family\":4,\"endpoint\":\"mx1\","
    "\"address\":\"192.0.2.25\",\"port\":25,\"mode\":\"starttls\","
    "\"ended\":\"connect\",\"failure\":\"unreachable\","
    "\"outcome\":\"filtered\",\"mechanism\":\"icmp\",\"where\":\"path\","
    "\"after_hop\":2,\"endpoint_hops\":5,\"icmp_type\":3,\"icmp_code\":13,"
    "\"smtp_code\":null,\"tls_version\":null,\"tls_verify\":null,"
    "\"connect_ms\":null,\"total_ms\":12.345,\"attributed\":true,"
    "\"report\":\"01930000-0000-7000-8000-000000000001\","
    "\"operator\":\"00000000000000bb\",\"before_hop\":3,"
    "\"after_asn\":64500,\"before_asn\":64501,"
    "\"signs\":\"slow paths-differ\",\"listed\":true}";

static void as_json(void **state)
{
	struct measurement row = example(), again;
	struct buf out = {0};
	struct err err;

	(void)state;
	format_measurement_json(&row, &out);
	assert_string_equal(out.data, example_json);
	assert_int_equal(
	    format_measurement_parse(out.data, out.length, &again, &err), 0);
	assert_memory_equal(&row, &again, sizeof(row));
	buf_free(&out);
}

static void as_csv(void **state)
{
	struct measurement row = example();
	struct buf out = {0};

	(void)state;
	format_measurement_csv_header(&out);
	format_measurement_csv(&row, &out);
	assert_string_equal(out.data,
	    "schema_version,id,at,agent,asn,network,country,prefix,family,"
	    "endpoint,address,port,mode,ended,failure,outcome,mechanism,where,"
	    "after_hop,endpoint_hops,icmp_type,icmp_code,smtp_code,"
	    "tls_version,tls_verify,connect_ms,total_ms,attributed,report,"
	    "operator,before_hop,after_asn,before_asn,signs,listed\r\n"
	    "2,01930000-0000-7000-8000-000000000001:7,"
	    "2026-11-24T12:00:00.123Z,00000000000000aa,64500,Example,DE,"
	    "203.0.113.0/24,4,mx1,192.0.2.25,25,starttls,connect,unreachable,"
	    "filtered,icmp,path,2,5,3,13,,,,,12.345,true,"
	    "01930000-0000-7000-8000-000000000001,00000000000000bb,3,64500,"
	    "64501,slow paths-differ,true\r\n");
	buf_free(&out);
}

static const struct csv_row {
	const char *name, *text, *field;
} csv_rows[] = {
    {"plain text stays", "Example", ",Example,"},
    {"a comma is quoted", "Example, Inc", ",\"Example, Inc\","},
    {"a quote is doubled", "\"Ex\"", ",\"\"\"Ex\"\"\","},
    {"a line end is none any more", "a\nb", ",a?b,"},
    {"no escape sequence comes through", "a\033[2Jb", ",a?[2Jb,"},
    {"nor what turns the line round", "a\xe2\x80\xae b", ",a? b,"},
    {"nor a line separator", "a\xe2\x80\xa8 b", ",a? b,"},
    {"nor bytes that are no UTF-8", "a\x9b\xff", ",a??,"},
    {"a formula is disarmed", "=1+1", ",\"'=1+1\","},
    {"a plus too", "+1", ",\"'+1\","},
    {"a minus too", "-1", ",\"'-1\","},
    {"an at sign too", "@SUM(A1)", ",\"'@SUM(A1)\","},
    {"a tab is none any more", "\t=1", ",?=1,"},
    {"no text is no field", "", ",64500,,DE,"},
};

static void csv_field(void **state)
{
	const struct csv_row *row = *state;
	struct measurement measurement = example();
	struct buf out = {0};

	strcpy(measurement.network, row->text);
	format_measurement_csv(&measurement, &out);
	assert_non_null(strstr(out.data, row->field));
	buf_free(&out);
}

static const struct bad_row {
	const char *name, *from, *to; /* replaced in the example */
	const char *sentence;
} bad_rows[] = {
    {"a later schema", "\"schema_version\":2", "\"schema_version\":3",
	"schema_version: 3 is not within 1 and 2"},
    {"no schema at all", "\"schema_version\":2", "\"schema_version\":0",
	"schema_version: 0 is not within 1 and 2"},
    {"a sign that is none", "slow paths", "slow lane paths",
	"signs: \"lane\" is no such word"},
    {"an AS number out of range", "\"after_asn\":64500",
	"\"after_asn\":4294967296",
	"after_asn: 4294967296 is not within 0 and 4294967295"},
    {"no id", "\"id\":\"0193", "\"xd\":\"0193", "id: not UUID:NUMBER"},
    {"an id without its number", "0001:7", "0001", "id: not UUID:NUMBER"},
    {"an outcome that is none", "\"filtered\"", "\"blocked\"",
	"outcome: \"blocked\" is no such word"},
    {"a port out of range", "\"port\":25", "\"port\":65536",
	"port: 65536 is not within 0 and 65535"},
    {"port 0", "\"port\":25", "\"port\":0", "port: not a port"},
    {"a family that is none", "\"family\":4", "\"family\":5",
	"family: neither 4 nor 6"},
    {"an address that is none", "192.0.2.25", "mx1.example", NULL},
    {"a time that is none", "2026-11-24T", "2026-11-31T", NULL},
    {"a number for a text", "\"network\":\"Example\"", "\"network\":7", NULL},
    {"not JSON", "{\"schema", "{schema", NULL},
};

static void replace(
    const char *text, const char *from, const char *to, char *out)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct measurement measurement;
	struct err err = {""};
	char text[2000];

	replace(example_json, row->from, row->to, text);
	assert_int_equal(
	    format_measurement_parse(text, strlen(text), &measurement, &err),
	    -22);
	if (row->sentence != NULL)
		assert_string_equal(err.text, row->sentence);
	assert_true(err.text[0] != '\0');
}

static const struct read_row {
	const char *name, *from, *to; /* replaced in the example */
	struct measurement row;       /* the fields since version 2 */
} read_rows[] = {
    {"a row of version 1 has none of the later fields",
	"\"report\":\"01930000-0000-7000-8000-000000000001\","
	"\"operator\":\"00000000000000bb\",\"before_hop\":3,"
	"\"after_asn\":64500,\"before_asn\":64501,"
	"\"signs\":\"slow paths-differ\",\"listed\":true",
	"\"more\":1", {.before_hop = OBSERVE_ABSENT, .listed = true}},
    {"an AS of 0 is unknown", "\"after_asn\":64500,\"before_asn\":64501",
	"\"after_asn\":0,\"before_asn\":null",
	{.run_by = "00000000000000bb",
	    .before_hop = 3,
	    .signs = SOFT_SLOW | SOFT_PATHS_DIFFER,
	    .listed = true}},
    {"signs may come as a list", "\"slow paths-differ\",\"listed\":true",
	"[\"tls-first\",\"slow\"],\"listed\":false",
	{.run_by = "00000000000000bb",
	    .before_hop = 3,
	    .after_asn = 64500,
	    .before_asn = 64501,
	    .signs = SOFT_SLOW | SOFT_TLS_FIRST}},
    {"or as an empty one", "\"slow paths-differ\"", "[]",
	{.run_by = "00000000000000bb",
	    .before_hop = 3,
	    .after_asn = 64500,
	    .before_asn = 64501,
	    .listed = true}},
};

static void read_back(void **state)
{
	const struct read_row *row = *state;
	struct measurement read;
	struct err err = {""};
	char text[2000];

	replace(example_json, row->from, row->to, text);
	if (format_measurement_parse(text, strlen(text), &read, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(read.run_by, row->row.run_by);
	assert_int_equal(read.before_hop, row->row.before_hop);
	assert_int_equal(read.after_asn, row->row.after_asn);
	assert_int_equal(read.before_asn, row->row.before_asn);
	assert_int_equal(read.signs, row->row.signs);
	assert_int_equal(read.listed, row->row.listed);
}

static void control_row(void **state)
{
	struct measurement row = example(), again;
	struct buf out = {0};
	struct err err;

	(void)state;
	row.outcome = OUTCOME_COUNT;
	row.mechanism = MECHANISM_COUNT;
	row.where = WHERE_NONE;
	row.asn = 0;
	row.attributed = false;
	format_measurement_json(&row, &out);
	assert_non_null(strstr(out.data, "\"outcome\":null,"));
	assert_non_null(strstr(out.data, "\"asn\":null,"));
	assert_int_equal(
	    format_measurement_parse(out.data, out.length, &again, &err), 0);
	assert_memory_equal(&row, &again, sizeof(row));
	buf_free(&out);
}

static void network(void **state)
{
	static const char *prefixes[] = {"192.0.2.0/24"};
	const struct network_verdict verdict = {
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .state = STATE_FILTERED,
	    .mechanism = MECHANISM_DROP,
	    .where = WHERE_PATH,
	    .stopped_in = STOP_UPSTREAM,
	    .upstream = 64501,
	    .reach = REACH_OBSERVED,
	    .level = LEVEL_FAIR,
	    .confidence = 0.924301,
	    .wrong = 0.0005,
	    .blocked_low = 0.342,
	    .blocked_mid = 1,
	    .blocked_high = 1,
	    .vantage_points = 2,
	    .witnesses_blocked = 2,
	    .blocked_prefixes = prefixes,
	    .nblocked_prefixes = 1,
	    .prefixes = 2,
	    .endpoints = 3,
	    .probes = 12,
	    .last_ms = 1000,
	    .outcomes = {{OUTCOME_FILTERED, MECHANISM_DROP, 12}},
	    .noutcomes = 1,
	    .since_is_first = true,
	    .sentences = {{0, 9}, {0, 0}, {11, 7}},
	    .because = "2 blocked; stopped",
	};
	const struct network_record record = {
	    .verdict = verdict,
	    .info = {.name = "Example", .country = "DE"},
	};
	struct buf out = {0};

	(void)state;
	format_network_json(&record, false, &out);
	assert_string_equal(out.data,
	    "{\"asn\":64500,\"name\":\"Example\",\"country\":\"DE\","
	    "\"family\":4,\"port\":25,\"state\":\"filtered\","
	    "\"mechanism\":\"drop\",\"where\":\"path\","
	    "\"stopped_in\":\"upstream\",\"upstream\":64501,"
	    "\"reach\":\"observed\","
	    "\"level\":\"fair\",\"confidence\":0.924301,\"wrong\":0.0005,"
	    "\"blocked_share\":{\"low\":0.342,\"mid\":1,\"high\":1},"
	    "\"vantage_points\":2,\"witnesses\":[2,0],\"prefixes\":2,"
	    "\"blocked_prefixes\":[\"192.0.2.0/24\"],\"endpoints\":3,"
	    "\"probes\":12,\"since\":null,\"since_is_first\":true,"
	    "\"last\":\"1970-01-01T00:00:01.000Z\","
	    "\"because\":\"2 blocked; stopped\","
	    "\"annotation\":null,\"outcomes\":[{\"outcome\":\"filtered\","
	    "\"mechanism\":\"drop\",\"probes\":12}],\"stops\":[],"
	    "\"parts\":[],\"destinations\":[],\"typical_report\":null,"
	    "\"annotations\":[]}");
	buf_clear(&out);
	format_network_json(&record, true, &out);
	assert_non_null(
	    strstr(out.data, ",\"because\":[\"2 blocked\",\"stopped\"],"));
	buf_clear(&out);
	format_network_csv_header(&out);
	format_network_csv(&record, &out);
	assert_non_null(
	    strstr(out.data, "\r\n64500,Example,DE,4,25,filtered,"
			     "drop,path,upstream,64501,observed,fair,"
			     "0.924301,0.0005,"
			     "0.342,1,1,2,2,0,2,3,12,,true,"));
	buf_free(&out);
}

static void network_that_differs(void **state)
{
	struct network_part part = {"192.0.2.0/24", STATE_PARTIAL, 4};
	struct network_destination destination = {"mx1", OUTCOME_REACHABLE};
	struct network_detail detail = {
	    .stops = {{WHERE_ACCESS, 3}, {WHERE_PATH, 1}},
	    .nstops = 2,
	    .parts = &part,
	    .nparts = 1,
	    .destinations = &destination,
	    .ndestinations = 1,
	};
	struct network_record record = {.verdict = {.asn = 64500}};
	struct buf out = {0};

	(void)state;
	record.verdict.detail = &detail;
	record.typical = (struct network_typical){"an-id", WHERE_ACCESS, 2};
	strcpy(record.info.annotations[0].text, "We filter.");
	format_network_json(&record, false, &out);
	assert_non_null(strstr(out.data,
	    "\"stops\":[{\"where\":\"access\",\"after_hop\":2,"
	    "\"vantage_points\":3},{\"where\":\"path\",\"after_hop\":null,"
	    "\"vantage_points\":1}],\"parts\":[{\"prefix\":\"192.0.2.0/24\","
	    "\"state\":\"partial\",\"vantage_points\":4}],"
	    "\"destinations\":[{\"endpoint\":\"mx1\","
	    "\"outcome\":\"reachable\"}],\"typical_report\":\"an-id\","
	    "\"annotations\":[{\"at\":null,\"by\":null,\"kind\":\"reply\","
	    "\"text\":\"We filter.\"}]}"));
	network_add_annotation(&record.info,
	    &(struct annotation){ANNOTATION_OBJECTION, 1795521600000,
		"noc\x1b@example.net", "Not \u202eus."});
	buf_clear(&out);
	format_network_json(&record, false, &out);
	assert_non_null(strstr(out.data, "\"annotation\":\"Not ?us.\","));
	assert_non_null(strstr(out.data,
	    "\"annotations\":[{\"at\":\"2026-11-24T12:00:00.000Z\","
	    "\"by\":\"noc?@example.net\",\"kind\":\"objection\","
	    "\"text\":\"Not ?us.\"},{\"at\":null,\"by\":null,"
	    "\"kind\":\"reply\",\"text\":\"We filter.\"}]}"));
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "a measurement as JSON, and back", as_json);
	test_add(&list, "a measurement as CSV", as_csv);
	TEST_ROWS(&list, csv_rows, csv_field);
	TEST_ROWS(&list, bad_rows, bad);
	TEST_ROWS(&list, read_rows, read_back);
	test_add(&list, "a control's row has no diagnosis", control_row);
	test_add(&list, "a network as JSON and CSV", network);
	test_add(&list, "a network that differs inside says where",
	    network_that_differs);
	return test_run("format", &list);
}
