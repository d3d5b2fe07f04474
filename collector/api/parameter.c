/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/parameter.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/rfc3339.h"
#include "lib/base/values.h"

#define SOME_TIME "a time like 2026-11-24T08:00:00Z or a date"

static bool read_number(
    const struct parameter *parameter, const char *value, int64_t *number)
{
	return values_parse_count(
		   value, parameter->least, parameter->most, number, NULL) == 0;
}

static bool read_set(
    const struct parameter *parameter, const char *value, unsigned *set)
{
	int found = wording_find(parameter->wording, value);

	if (found >= 0)
		*set |= 1u << found;
	return found >= 0;
}

/* --- one for each --- */

static bool read_asn(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	return network_parse_asn(value, &query->asns[query->nasns]) &&
	       ++query->nasns > 0;
}

static bool read_country(
    const struct parameter *parameter, const char *value, struct query *query)
{
	char *country = query->countries[query->ncountries];

	(void)parameter;
	if (strlen(value) != 2 || !isalpha((unsigned char)value[0]) ||
	    !isalpha((unsigned char)value[1]))
		return false;
	country[0] = (char)toupper((unsigned char)value[0]);
	country[1] = (char)toupper((unsigned char)value[1]);
	query->ncountries++;
	return true;
}

static bool read_family(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	if (strcmp(value, "4") != 0 && strcmp(value, "6") != 0)
		return false;
	query->families |= 1u << (value[0] - '0');
	return true;
}

static bool read_port(
    const struct parameter *parameter, const char *value, struct query *query)
{
	int64_t port;

	if (!read_number(parameter, value, &port))
		return false;
	query->ports[query->nports++] = (uint16_t)port;
	return true;
}

static bool read_state(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_set(parameter, value, &query->states);
}

static bool read_to(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_set(parameter, value, &query->to);
}

static bool read_outcome(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_set(parameter, value, &query->outcomes);
}

static bool read_stops(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_set(parameter, value, &query->stops);
}

static bool read_evidence(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_set(parameter, value, &query->levels);
}

static bool read_since(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	return rfc3339_parse(value, &query->since_ms);
}

static bool read_until(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	return rfc3339_parse(value, &query->until_ms);
}

static bool read_limit(
    const struct parameter *parameter, const char *value, struct query *query)
{
	int64_t limit;

	if (!read_number(parameter, value, &limit))
		return false;
	query->limit = (size_t)limit;
	return true;
}

static bool read_days(
    const struct parameter *parameter, const char *value, struct query *query)
{
	return read_number(parameter, value, &query->days);
}

static bool read_cursor(
    const struct parameter *parameter, const char *value, struct query *query)
{
	size_t length = strspn(value, "0123456789abcdef.-");

	(void)parameter;
	if (value[length] != '\0' || length >= sizeof(query->cursor))
		return false;
	strcpy(query->cursor, value);
	return true;
}

static bool read_format(
    const struct parameter *parameter, const char *value, struct query *query)
{
	int found = wording_find(parameter->wording, value);

	if (found >= 0)
		query->format = (enum format)found;
	return found >= 0;
}

static bool read_layout(
    const struct parameter *parameter, const char *value, struct query *query)
{
	query->is_columns = strcmp(value, "columns") == 0;
	return query->is_columns || read_format(parameter, value, query);
}

static bool read_group(
    const struct parameter *parameter, const char *value, struct query *query)
{
	query->by_family = wording_find(parameter->wording, value) >= 0;
	return query->by_family;
}

static bool read_sort(
    const struct parameter *parameter, const char *value, struct query *query)
{
	int found = wording_find(parameter->wording, value);

	if (found >= 0)
		query->sort = (enum query_sort)found;
	return found >= 0;
}

static bool read_axis(
    const struct parameter *parameter, const char *value, struct query *query)
{
	int found = wording_find(parameter->wording, value);

	if (found < 0)
		return false;
	if (parameter->bit == QUERY_AXIS_X)
		query->axis_x = (enum query_axis)found;
	else
		query->axis_y = (enum query_axis)found;
	return true;
}

static bool read_search(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	if (strlen(value) >= sizeof(query->search))
		return false;
	strcpy(query->search, value);
	return true;
}

static bool read_key(
    const struct parameter *parameter, const char *value, struct query *query)
{
	struct query_key *key = &query->keys[query->nkeys];
	const char *dot = strchr(value, '.');
	char asn[16];

	(void)parameter;
	if (dot == NULL || dot - value >= (int)sizeof(asn) ||
	    (dot[1] != '4' && dot[1] != '6') || dot[2] != '.')
		return false;
	snprintf(asn, sizeof(asn), "%.*s", (int)(dot - value), value);
	key->family = (uint8_t)(dot[1] - '0');
	if (!network_parse_asn(asn, &key->asn) ||
	    !values_read_port(dot + 3, strlen(dot + 3), &key->port))
		return false;
	query->nkeys++;
	return true;
}

static bool read_report(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	if (strlen(value) != 36 ||
	    strspn(value, "0123456789abcdef-") != strlen(value))
		return false;
	strcpy(query->report, value);
	return true;
}

/* --- the table --- */

const struct parameter parameters[] = {
    {"asn", "probe_asn", QUERY_ASN, PARAMETER_TEXT, QUERY_LIST_MAX, 0, 0, NULL,
	NULL, "a number like 64500 or AS64500",
	"Networks of these AS numbers only", read_asn},
    {"country", "probe_cc", QUERY_COUNTRY, PARAMETER_TEXT, QUERY_LIST_MAX, 0, 0,
	NULL, NULL, "two letters like DE",
	"Networks of these countries only (ISO 3166)", read_country},
    {"family", NULL, QUERY_FAMILY, PARAMETER_NUMBER, 2, 4, 6, NULL, NULL,
	"4 or 6", "The family of addresses", read_family},
    {"port", NULL, QUERY_PORT, PARAMETER_NUMBER, QUERY_LIST_MAX, 1, 65535, NULL,
	NULL, NULL, "The destination port", read_port},
    {"state", NULL, QUERY_STATE, PARAMETER_WORD, QUERY_LIST_MAX, 0, 0,
	&wording_states, NULL, NULL, "Networks in these states only",
	read_state},
    {"outcome", NULL, QUERY_OUTCOME, PARAMETER_WORD, QUERY_LIST_MAX, 0, 0,
	&wording_outcomes, NULL, NULL, "Measurements with these outcomes only",
	read_outcome},
    {"since", NULL, QUERY_SINCE, PARAMETER_TIME, 0, 0, 0, NULL, NULL, SOME_TIME,
	"From this time on; the answer says the window", read_since},
    {"until", NULL, QUERY_UNTIL, PARAMETER_TIME, 0, 0, 0, NULL, NULL, SOME_TIME,
	"Before this time, which is excluded", read_until},
    {"limit", NULL, QUERY_LIMIT, PARAMETER_NUMBER, 0, 1, QUERY_LIMIT_MAX, NULL,
	"100", NULL, "Rows at most; of a stream all rows if it is not given",
	read_limit},
    {"cursor", NULL, QUERY_CURSOR, PARAMETER_TEXT, 0, 0, 0, NULL, NULL,
	"what `next` of a list was",
	"Where to go on: `next` of the page before", read_cursor},
    {"format", NULL, QUERY_FORMAT, PARAMETER_WORD, 0, 0, 0, &wording_formats,
	"json", NULL, "A page of JSON, or a stream of all rows", read_format},
    {"format", NULL, QUERY_LAYOUT, PARAMETER_WORD, 0, 0, 0, &wording_layouts,
	"json", NULL,
	"A page of JSON, or a stream of all rows; `columns` are "
	"those of group=family",
	read_layout},
    {"q", NULL, QUERY_SEARCH, PARAMETER_TEXT, 0, 0, 0, NULL, NULL,
	"at most 63 bytes of text",
	"Networks whose name has this text, or whose AS number begins with it",
	read_search},
    {"evidence", NULL, QUERY_EVIDENCE, PARAMETER_WORD, QUERY_LIST_MAX, 0, 0,
	&wording_levels, NULL, NULL, "Networks with this evidence only",
	read_evidence},
    {"stopped_in", NULL, QUERY_STOPPED_IN, PARAMETER_WORD, QUERY_LIST_MAX, 0, 0,
	&wording_stops, NULL, NULL, "Networks whose lines are stopped there",
	read_stops},
    {"sort", NULL, QUERY_SORT, PARAMETER_WORD, 0, 0, 0, &wording_sorts, "asn",
	NULL, "The order of the list", read_sort},
    {"group", NULL, QUERY_GROUP, PARAMETER_WORD, 0, 0, 0, &wording_groups, NULL,
	NULL, "One row an AS and family, with its ports in it, as columns",
	read_group},
    {"keys", NULL, QUERY_KEYS, PARAMETER_TEXT, QUERY_KEYS_MAX, 0, 0, NULL, NULL,
	"ASN.FAMILY.PORT like 64500.4.25", "The networks that are asked for",
	read_key},
    {"days", NULL, QUERY_DAYS, PARAMETER_NUMBER, 0, 1, QUERY_DAYS_MAX, NULL,
	"60", NULL, "How many days, up to today", read_days},
    {"to", NULL, QUERY_TO, PARAMETER_WORD, QUERY_LIST_MAX, 0, 0,
	&wording_states, NULL, NULL, "Changes to these states only", read_to},
    {"id", NULL, QUERY_REPORT, PARAMETER_TEXT, 0, 0, 0, NULL, NULL,
	"the id of a report, 36 characters in lower case",
	"The id of a report: of a measurement's what stands before the colon",
	read_report},
    {"axis_x", NULL, QUERY_AXIS_X, PARAMETER_WORD, 0, 0, 0, &wording_axes,
	"day", NULL, "What the columns of the table are", read_axis},
    {"axis_y", NULL, QUERY_AXIS_Y, PARAMETER_WORD, 0, 0, 0, &wording_axes, NULL,
	NULL, "What the rows of the table are", read_axis},
    {NULL, NULL, 0, PARAMETER_TEXT, 0, 0, 0, NULL, NULL, NULL, NULL, NULL},
};

const struct parameter *parameter_find(const char *name, unsigned allowed)
{
	const struct parameter *parameter;

	for (parameter = parameters; parameter->name != NULL; parameter++)
		if ((parameter->bit & allowed) != 0 &&
		    (strcmp(parameter->name, name) == 0 ||
			(parameter->alias != NULL &&
			    strcmp(parameter->alias, name) == 0)))
			return parameter;
	return NULL;
}

void parameter_expected(const struct parameter *parameter, struct buf *out)
{
	if (parameter->expected != NULL)
		buf_append_text(out, parameter->expected);
	else if (parameter->wording != NULL)
		wording_list(parameter->wording, out);
	else
		buf_printf(out, "a number from %" PRId64 " to %" PRId64,
		    parameter->least, parameter->most);
}
