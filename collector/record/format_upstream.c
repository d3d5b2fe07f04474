/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format_upstream.h"

#include <inttypes.h>
#include <stdio.h>

#include "collector/record/format.h"

#define FIELD(name)                             \
	offsetof(struct upstream_record, name), \
	    sizeof(((struct upstream_record *)0)->name)

const struct column format_upstream_columns[] = {
    {"asn", COLUMN_U32, FIELD(asn)},
    {"name", COLUMN_TEXT, FIELD(name)},
    {"country", COLUMN_TEXT, FIELD(country)},
    {"family", COLUMN_U8, FIELD(family)},
    {"port", COLUMN_U16, FIELD(port)},
    {"networks", COLUMN_INT64, FIELD(networks)},
    {"witnesses_blocked", COLUMN_INT64, FIELD(witnesses_blocked)},
    {"since", COLUMN_SINCE, FIELD(since_ms)},
    {"last", COLUMN_SINCE, FIELD(last_ms)},
    {"because", COLUMN_TEXT, FIELD(because)},
    {NULL, COLUMN_TEXT, 0, 0},
};

/* The last hop that answers is in the AS: who filters is it or who is next. Of
 * one network alone it may be that network's own link. */
void upstream_record_say(struct upstream_record *record)
{
	if (record->networks == 1)
		snprintf(record->because, sizeof(record->because),
		    "Seen by 1 network behind AS%u: a second one would show "
		    "whether they share it",
		    record->asn);
	else
		snprintf(record->because, sizeof(record->because),
		    "Seen by %" PRId64 " networks behind AS%u, none of which "
		    "is charged with it: the filter is there or beyond",
		    record->networks, record->asn);
}

void format_upstream_json(const struct upstream_record *record, struct buf *out)
{
	format_columns_json(format_upstream_columns, record, out);
}

void format_upstream_csv(const struct upstream_record *record, struct buf *out)
{
	format_columns_csv(format_upstream_columns, record, out);
}

void format_upstream_csv_header(struct buf *out)
{
	column_write_csv_header(format_upstream_columns, out);
}
