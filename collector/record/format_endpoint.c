/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format_endpoint.h"

#include <stdio.h>
#include <string.h>

#define FIELD(name)                             \
	offsetof(struct endpoint_record, name), \
	    sizeof(((struct endpoint_record *)0)->name)

const struct column format_endpoint_columns[] = {
    {"name", COLUMN_TEXT, FIELD(name)},
    {"host", COLUMN_TEXT, FIELD(host)},
    {"domain", COLUMN_TEXT, FIELD(domain)},
    {"kind", COLUMN_TEXT, FIELD(kind)},
    {"ports", COLUMN_TEXT, FIELD(ports)},
    {"control", COLUMN_TEXT, FIELD(control)},
    {"interval_s", COLUMN_INT64, FIELD(interval_s)},
    {"rate", COLUMN_DOUBLE, FIELD(rate)},
    {NULL, COLUMN_TEXT, 0, 0},
};

static void fill_ports(const struct port_list *list, char *text, size_t size)
{
	size_t i, length = 0;

	text[0] = '\0';
	for (i = 0; i < list->count; i++)
		length += (size_t)snprintf(text + length, size - length,
		    i > 0 ? " %u" : "%u", list->port[i]);
}

void endpoint_record_fill(
    struct endpoint_record *record, const struct endpoint *endpoint)
{
	memset(record, 0, sizeof(*record));
	snprintf(record->name, sizeof(record->name), "%s", endpoint->name);
	snprintf(record->host, sizeof(record->host), "%s", endpoint->host);
	snprintf(
	    record->domain, sizeof(record->domain), "%s", endpoint->domain);
	snprintf(record->kind, sizeof(record->kind), "%s",
	    endpoint_kind_word(endpoint->kind));
	fill_ports(&endpoint->ports, record->ports, sizeof(record->ports));
	fill_ports(
	    &endpoint->control, record->control, sizeof(record->control));
	record->interval_s = endpoint->interval_s;
	record->rate = endpoint->rate;
}
