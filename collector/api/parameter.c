/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/parameter.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/rfc3339.h"
#include "lib/base/text.h"
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

static bool add_asn(const char *value, uint32_t *asns, size_t *count)
{
	return network_parse_asn(value, &asns[*count]) && ++*count > 0;
}

static bool read_asn(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	return add_asn(value, query->asns, &query->nasns);
}

static bool read_upstream(
    const struct parameter *parameter, const char *value, struct query *query)
{
	(void)parameter;
	return add_asn(value, query->upstreams, &query->nupstreams);
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
	size_t length = strspn(value, "0123456789abcdef.,-");

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
	if (text_characters(value) > QUERY_SEARCH_MAX ||
	    strlen(value) >= sizeof(query->search))
		return false;
	strcpy(query->search, value);
	return true;
}

static bool has_key(const struct query *query, const struct query_key *key)
{
	size_t i;

	for (i = 0; i < query->nkeys; i++)
		if (query->keys[i].asn == key->asn &&
		    query->keys[i].family == key->family &&
		    query->keys[i].port == key->port)
			return true;
	return false;
}

/* One that is there twice is the same member of the answer. */
static bool read_key(
    const struct parameter *parameter, const char *value, struct query *query)
{
	struct query_key key = {0};
	const char *dot = strchr(value, '.');
	char asn[16];

	(void)parameter;
	if (dot == NULL || dot - value >= (int)sizeof(asn) ||
	    (dot[1] != '4' && dot[1] != '6') || dot[2] != '.')
		return false;
	snprintf(asn, sizeof(asn), "%.*s", (int)(dot - value), value);
	key.family = (uint8_t)(dot[1] - '0');
	if (!network_parse_asn(asn, &key.asn) ||
	    !values_read_port(dot + 3, strlen(dot + 3), &key.port))
		return false;
	if (!has_key(query, &key))
		query->keys[query->nkeys++] = key;
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

static bool read_dump(
    const struct parameter *parameter, const char *value, struct query *query)
{
	enum dump_depth depth = parameter->bit == QUERY_YEAR    ? DUMP_YEAR
				: parameter->bit == QUERY_MONTH ? DUMP_MONTH
				: parameter->bit == QUERY_DAY   ? DUMP_DAY
								: DUMP_FILE;

	return dump_name_set(&query->dump, depth, value);
}

/* --- the table --- */

/* The numbers that ASes and ports have, as a pattern says it. */
#define AS_PATTERN                                                     \
	"([1-9][0-9]{0,8}|[1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}" \
	"|429[0-3][0-9]{6}|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}"       \
	"|429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]"  \
	"|429496729[0-5])"
#define PORT_PATTERN                                                    \
	"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}" \
	"|655[0-2][0-9]|6553[0-5])"

const struct parameter parameters[] = {
    {.name = "asn",
	.alias = "probe_asn",
	.bit = QUERY_ASN,
	.type = PARAMETER_NUMBER,
	.many = QUERY_LIST_MAX,
	.least = 1,
	.most = UINT32_MAX,
	.example = "64500",
	.expected = "a number like 64500 or AS64500",
	.meaning = "Networks of these AS numbers only",
	.read = read_asn},
    {.name = "country",
	.alias = "probe_cc",
	.bit = QUERY_COUNTRY,
	.many = QUERY_LIST_MAX,
	.pattern = "^[A-Za-z]{2}$",
	.example = "DE",
	.expected = "two letters like DE",
	.meaning = "Networks of these countries only (ISO 3166)",
	.read = read_country},
    {.name = "family",
	.bit = QUERY_FAMILY,
	.type = PARAMETER_FAMILY,
	.many = 2,
	.expected = "4 or 6",
	.meaning = "The family of addresses",
	.read = read_family},
    {.name = "port",
	.bit = QUERY_PORT,
	.type = PARAMETER_NUMBER,
	.many = QUERY_LIST_MAX,
	.least = 1,
	.most = UINT16_MAX,
	.example = "25",
	.meaning = "The destination port",
	.read = read_port},
    {.name = "state",
	.bit = QUERY_STATE,
	.many = QUERY_LIST_MAX,
	.wording = &wording_states,
	.meaning = "Networks in these states only",
	.read = read_state},
    {.name = "outcome",
	.bit = QUERY_OUTCOME,
	.many = QUERY_LIST_MAX,
	.wording = &wording_outcomes,
	.meaning = "Measurements with these outcomes only",
	.read = read_outcome},
    {.name = "since",
	.bit = QUERY_SINCE,
	.type = PARAMETER_TIME,
	.expected = SOME_TIME,
	.meaning = "From this time on; the answer says the window. Of a "
		   "network's history at most 800 days before `until`",
	.read = read_since},
    {.name = "until",
	.bit = QUERY_UNTIL,
	.type = PARAMETER_TIME,
	.expected = SOME_TIME,
	.meaning = "Before this time, which is excluded; it is after `since`",
	.read = read_until},
    {.name = "limit",
	.bit = QUERY_LIMIT,
	.type = PARAMETER_NUMBER,
	.least = 1,
	.most = QUERY_LIMIT_MAX,
	.preset = "100",
	.meaning = "Rows at most; of a stream all rows if it is not given",
	.read = read_limit},
    {.name = "cursor",
	.bit = QUERY_CURSOR,
	.least = 1,
	.most = ROW_CURSOR_SIZE - 1,
	.pattern = "^[0-9a-f.,-]*$",
	.expected = "what `next` of a list was",
	.meaning = "Where to go on: `next` of the page before",
	.read = read_cursor},
    {.name = "format",
	.bit = QUERY_FORMAT,
	.wording = &wording_formats,
	.preset = "json",
	.meaning = "A page of JSON, or a stream of all rows",
	.read = read_format},
    {.name = "format",
	.bit = QUERY_LAYOUT,
	.wording = &wording_layouts,
	.preset = "json",
	.meaning = "A page of JSON, or a stream of all rows; `parquet` has "
		   "typed columns; `columns` are those of group=family, which "
		   "has no other format",
	.read = read_layout},
    {.name = "q",
	.bit = QUERY_SEARCH,
	.least = 1,
	.most = QUERY_SEARCH_MAX,
	.pattern = "^[^\\u0000-\\u001f\\u007f]*$",
	.expected = "text of 63 characters at most",
	.meaning = "Networks whose name has this text, or whose AS number "
		   "begins with it",
	.read = read_search},
    {.name = "evidence",
	.bit = QUERY_EVIDENCE,
	.many = QUERY_LIST_MAX,
	.wording = &wording_levels,
	.meaning = "Networks with this evidence only",
	.read = read_evidence},
    {.name = "stopped_in",
	.bit = QUERY_STOPPED_IN,
	.many = QUERY_LIST_MAX,
	.wording = &wording_stops,
	.meaning = "Networks whose lines are stopped there",
	.read = read_stops},
    {.name = "upstream",
	.bit = QUERY_UPSTREAM,
	.type = PARAMETER_NUMBER,
	.many = QUERY_LIST_MAX,
	.least = 1,
	.most = UINT32_MAX,
	.example = "64500",
	.expected = "a number like 64500 or AS64500",
	.meaning = "Networks that are stopped behind these ASes",
	.read = read_upstream},
    {.name = "sort",
	.bit = QUERY_SORT,
	.wording = &wording_sorts,
	.preset = "asn",
	.meaning = "The order of the list",
	.read = read_sort},
    {.name = "group",
	.bit = QUERY_GROUP,
	.wording = &wording_groups,
	.meaning = "One row an AS and family, with its ports in it, as columns",
	.read = read_group},
    {.name = "keys",
	.bit = QUERY_KEYS,
	.many = QUERY_KEYS_MAX,
	.pattern = "^" AS_PATTERN "[.][46][.]" PORT_PATTERN "$",
	.example = "64500.4.25",
	.expected = "ASN.FAMILY.PORT like 64500.4.25",
	.meaning = "The networks that are asked for",
	.read = read_key},
    {.name = "days",
	.bit = QUERY_DAYS,
	.type = PARAMETER_NUMBER,
	.least = 1,
	.most = QUERY_DAYS_MAX,
	.preset = "60",
	.meaning = "How many days, up to today",
	.read = read_days},
    {.name = "to",
	.bit = QUERY_TO,
	.many = QUERY_LIST_MAX,
	.wording = &wording_states,
	.meaning = "Changes to these states only",
	.read = read_to},
    {.name = "id",
	.bit = QUERY_REPORT,
	.pattern = "^[0-9a-f-]{36}$",
	.example = "01930000-0000-7000-8000-000000000001",
	.expected = "the id of a report, 36 characters in lower case",
	.meaning =
	    "The id of a report: of a measurement's what stands before the "
	    "colon",
	.read = read_report},
    {.name = "axis_x",
	.bit = QUERY_AXIS_X,
	.wording = &wording_axes,
	.preset = "day",
	.meaning = "What the columns of the table are",
	.read = read_axis},
    {.name = "axis_y",
	.bit = QUERY_AXIS_Y,
	.wording = &wording_axes,
	.meaning = "What the rows of the table are",
	.read = read_axis},
    {.name = "year",
	.bit = QUERY_YEAR,
	.pattern = "^(19[7-9][0-9]|[2-9][0-9]{3})$",
	.example = "2026",
	.expected = "four digits, from 1970 on",
	.meaning = "The year of a day",
	.read = read_dump},
    {.name = "month",
	.bit = QUERY_MONTH,
	.pattern = "^(0[1-9]|1[0-2])$",
	.example = "11",
	.expected = "two digits",
	.meaning = "The month of a day",
	.read = read_dump},
    {.name = "day",
	.bit = QUERY_DAY,
	.pattern = "^(0[1-9]|[12][0-9]|3[01])([.]([2-9]|[1-9][0-9]{1,2}))?$",
	.example = "25",
	.expected = "two digits, of a later version with its number: 25 or "
		    "25.2",
	.meaning = "A day of which all is there, UTC",
	.read = read_dump},
    {.name = "file",
	.bit = QUERY_FILE,
	.pattern = "^[A-Za-z0-9_-]{1,32}([.](parquet|csv[.]gz|json))?$",
	.example = "SHA256SUMS",
	.expected = "the name of a file",
	.meaning = "The name of one of the day's files",
	.read = read_dump},
    {.name = NULL},
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
