/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FORMAT_PAST_H
#define EGRESS25_COLLECTOR_RECORD_FORMAT_PAST_H

/* Events and published days as text (format.h), each with what is known of its
 * ASN. Pure. */

#include "collector/record/column.h"
#include "collector/record/event.h"
#include "collector/record/history.h"

struct event_record {
	struct event event;
	struct network_info info;
};

struct history_record {
	struct history_day day;
	char date[11]; /* "2026-11-26": history_record_fill() sets it */
	struct network_info info;
};

/* A name of NULL ends them. */
extern const struct column format_event_columns[];
extern const struct column format_history_columns[];

/* Set the day; `info` is left alone. */
void history_record_fill(
    struct history_record *record, const struct history_day *day);

/* Append one as a JSON object, without a line end; in a day's JSON the share is
 * one member, as in a network's. */
void format_event_json(const struct event_record *record, struct buf *out);
void format_history_json(const struct history_record *record, struct buf *out);

/* Append an event as a CSV line. */
void format_event_csv(const struct event_record *record, struct buf *out);

/* Append the header line of events. */
void format_event_csv_header(struct buf *out);

#endif
