/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/query.h"

#include <string.h>

void query_init(struct query *query)
{
	memset(query, 0, sizeof(*query));
	query->limit = QUERY_LIMIT_DEFAULT;
	query->days = QUERY_DAYS_DEFAULT;
	query->axis_x = QUERY_AXIS_DAY;
}

/* The one value of a set, or -1. */
static int only(unsigned set)
{
	int value = 0;

	if (set == 0 || (set & (set - 1)) != 0)
		return -1;
	while ((set >> value) != 1)
		value++;
	return value;
}

void query_to_filter(const struct query *query, struct row_filter *filter)
{
	row_filter_init(filter);
	filter->has_asn = query->nasns == 1;
	if (query->nasns == 1)
		filter->asn = query->asns[0];
	if (query->ncountries == 1)
		memcpy(filter->country, query->countries[0],
		    sizeof(filter->country));
	if (only(query->families) > 0)
		filter->family = (uint8_t)only(query->families);
	if (query->nports == 1)
		filter->port = query->ports[0];
	filter->outcome = only(query->outcomes);
	filter->since_ms = query->since_ms;
	filter->until_ms = query->until_ms;
	if ((query->given & QUERY_UNTIL) != 0 && query->until_ms == 0)
		filter->until_ms = -1; /* 0 would be no end */
}

/* An empty list has any. */
static bool has(const uint32_t *list, size_t count, uint32_t number)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return count == 0;
}

bool query_wants_asn(const struct query *query, uint32_t asn)
{
	return has(query->asns, query->nasns, asn);
}

bool query_wants_upstream(const struct query *query, uint32_t upstream)
{
	return has(query->upstreams, query->nupstreams, upstream);
}

bool query_wants_country(const struct query *query, const char *country)
{
	size_t i;

	for (i = 0; i < query->ncountries; i++)
		if (strcmp(query->countries[i], country) == 0)
			return true;
	return query->ncountries == 0;
}

bool query_wants_port(const struct query *query, uint16_t port)
{
	size_t i;

	for (i = 0; i < query->nports; i++)
		if (query->ports[i] == port)
			return true;
	return query->nports == 0;
}

bool query_wants(unsigned set, int value)
{
	return set == 0 || (value >= 0 && (set & (1u << value)) != 0);
}
