/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format_past.h"

#include <string.h>

#include "collector/record/format.h"
#include "collector/record/format_endpoint.h"
#include "tests/support/rows.h"

static const struct event_record event = {
    .event = {.id = "00000000000000ab",
	.at_ms = 1795694400123,
	.asn = 64500,
	.family = 6,
	.port = 25,
	.from = STATE_INSUFFICIENT,
	.to = STATE_FILTERED,
	.level = LEVEL_FAIR,
	.vantage_points = 7,
	.because = "7 of 7 lines, blocked"},
    .info = {.asn = 64500, .name = "=Example", .country = "DE"},
};

static struct history_record a_day(void)
{
	const struct history_day day = {20783, 64500, 4, 587,
	    STATE_INSUFFICIENT, LEVEL_NONE, MECHANISM_COUNT, 0, 0, .5, 1};
	struct history_record record = {.info = {.asn = 64500}};

	history_record_fill(&record, &day);
	return record;
}

static void event_json(void **state)
{
	struct buf out = {0};

	(void)state;
	format_event_json(&event, &out);
	assert_string_equal(out.data,
	    "{\"id\":\"00000000000000ab\",\"at\":\"2026-11-26T12:00:00.123Z\","
	    "\"asn\":64500,\"name\":\"=Example\",\"country\":\"DE\","
	    "\"family\":6,\"port\":25,\"from\":\"insufficient\","
	    "\"to\":\"filtered\",\"level\":\"fair\",\"vantage_points\":7,"
	    "\"because\":\"7 of 7 lines, blocked\"}");
	buf_free(&out);
}

static void event_csv(void **state)
{
	struct buf out = {0};

	(void)state;
	format_event_csv_header(&out);
	format_event_csv(&event, &out);
	assert_string_equal(out.data,
	    "id,at,asn,name,country,family,port,from,to,level,vantage_points,"
	    "because\r\n00000000000000ab,2026-11-26T12:00:00.123Z,64500,"
	    "\"'=Example\",DE,6,25,insufficient,filtered,fair,7,"
	    "\"7 of 7 lines, blocked\"\r\n");
	buf_free(&out);
}

static void day_json(void **state)
{
	struct history_record record = a_day();
	struct buf out = {0};

	(void)state;
	format_history_json(&record, &out);
	assert_string_equal(out.data,
	    "{\"day\":\"2026-11-26\",\"asn\":64500,\"name\":null,"
	    "\"country\":null,\"family\":4,\"port\":587,"
	    "\"state\":\"insufficient\",\"mechanism\":null,\"level\":null,"
	    "\"blocked_share\":{\"low\":0,\"mid\":0.5,\"high\":1},"
	    "\"vantage_points\":0}");
	buf_free(&out);
}

static void day_csv(void **state)
{
	struct history_record record = a_day();
	struct buf out = {0};

	(void)state;
	column_write_csv_header(format_history_columns, &out);
	format_columns_csv(format_history_columns, &record, &out);
	assert_string_equal(out.data,
	    "day,asn,name,country,family,port,state,mechanism,level,"
	    "blocked_share_low,blocked_share_mid,blocked_share_high,"
	    "vantage_points\r\n"
	    "2026-11-26,64500,,,4,587,insufficient,,,0,0.5,1,0\r\n");
	buf_free(&out);
}

static void endpoint_csv(void **state)
{
	struct endpoint_list list = {0};
	struct endpoint *endpoint = endpoints_add(&list, "example-mx");
	struct endpoint_record record;
	struct buf out = {0};

	(void)state;
	strcpy(endpoint->domain, "example.net");
	port_list_add(&endpoint->control, 443, MODE_CONNECT);
	endpoint->rate = .25;
	endpoint_record_fill(&record, endpoint);
	column_write_csv_header(format_endpoint_columns, &out);
	format_columns_csv(format_endpoint_columns, &record, &out);
	assert_string_equal(out.data,
	    "name,host,domain,kind,ports,control,interval_s,rate\r\n"
	    "example-mx,,example.net,mx,25 587 465,443,600,0.25\r\n");
	endpoints_free(&list);
	buf_free(&out);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "an event as JSON", event_json);
	test_add(&list, "an event as CSV, its name disarmed", event_csv);
	test_add(&list, "a day as JSON, with its share in one", day_json);
	test_add(&list, "a day as CSV", day_csv);
	test_add(&list, "an endpoint as CSV", endpoint_csv);
	return test_run("format_past", &list);
}
