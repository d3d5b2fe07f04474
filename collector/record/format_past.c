/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format_past.h"

#include <stdio.h>
#include <string.h>

#include "collector/record/format.h"
#include "lib/base/day.h"
#include "lib/base/rfc3339.h"

#define FIELD(type, name) \
	offsetof(struct type, name), sizeof(((struct type *)0)->name)
#define EVENT(name) FIELD(event_record, name)
#define DAY(name)   FIELD(history_record, name)

const struct column format_event_columns[] = {
    {"id", COLUMN_TEXT, EVENT(event.id)},
    {"at", COLUMN_TIME, EVENT(event.at_ms)},
    {"asn", COLUMN_U32, EVENT(event.asn)},
    {"name", COLUMN_TEXT, EVENT(info.name)},
    {"country", COLUMN_TEXT, EVENT(info.country)},
    {"family", COLUMN_U8, EVENT(event.family)},
    {"port", COLUMN_U16, EVENT(event.port)},
    {"from", COLUMN_STATE, EVENT(event.from)},
    {"to", COLUMN_STATE, EVENT(event.to)},
    {"level", COLUMN_LEVEL, EVENT(event.level)},
    {"vantage_points", COLUMN_INT64, EVENT(event.vantage_points)},
    {"because", COLUMN_TEXT, EVENT(event.because)},
    {NULL, COLUMN_TEXT, 0, 0},
};

const struct column format_history_columns[] = {
    {"day", COLUMN_TEXT, DAY(date)},
    {"asn", COLUMN_U32, DAY(day.asn)},
    {"name", COLUMN_TEXT, DAY(info.name)},
    {"country", COLUMN_TEXT, DAY(info.country)},
    {"family", COLUMN_U8, DAY(day.family)},
    {"port", COLUMN_U16, DAY(day.port)},
    {"state", COLUMN_STATE, DAY(day.state)},
    {"mechanism", COLUMN_MECHANISM, DAY(day.mechanism)},
    {"level", COLUMN_LEVEL, DAY(day.level)},
    {"blocked_share_low", COLUMN_DOUBLE, DAY(day.blocked_low)},
    {"blocked_share_mid", COLUMN_DOUBLE, DAY(day.blocked_mid)},
    {"blocked_share_high", COLUMN_DOUBLE, DAY(day.blocked_high)},
    {"vantage_points", COLUMN_INT64, DAY(day.vantage_points)},
    {NULL, COLUMN_TEXT, 0, 0},
};

void history_record_fill(
    struct history_record *record, const struct history_day *day)
{
	char time[RFC3339_SIZE];

	record->day = *day;
	rfc3339_format(day->day * DAY_MS, time);
	snprintf(record->date, sizeof(record->date), "%.10s", time);
}

void format_event_json(const struct event_record *record, struct buf *out)
{
	format_columns_json(format_event_columns, record, out);
}

void format_event_csv(const struct event_record *record, struct buf *out)
{
	format_columns_csv(format_event_columns, record, out);
}

void format_event_csv_header(struct buf *out)
{
	column_write_csv_header(format_event_columns, out);
}

void format_history_json(const struct history_record *record, struct buf *out)
{
	const struct history_day *day = &record->day;
	struct json_writer json = {.out = out};
	const struct column *column;

	json_open_object(&json, NULL);
	for (column = format_history_columns; column->name != NULL; column++)
		if (strcmp(column->name, "blocked_share_low") == 0)
			format_share(&json, day->blocked_low, day->blocked_mid,
			    day->blocked_high);
		else if (strncmp(column->name, "blocked_share_", 14) != 0)
			column_write_json(column, record, &json);
	json_close_object(&json);
}
