/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view_select.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Its name has the text, or its AS number begins with it. */
static bool is_found(
    const struct network_info *info, uint32_t asn, const char *search)
{
	const char *digits = search;
	char number[16];

	if (search[0] == '\0' || strcasestr(info->name, search) != NULL)
		return true;
	if (strncasecmp(digits, "AS", 2) == 0)
		digits += 2;
	snprintf(number, sizeof(number), "%u", asn);
	return digits[0] != '\0' &&
	       strncmp(number, digits, strlen(digits)) == 0;
}

bool view_wants(const struct view *view, const struct view_network *network,
    const struct query *query)
{
	const struct network_info *info = view_info(view, network);

	return query_wants_asn(query, network->asn) &&
	       query_wants_port(query, network->port) &&
	       query_wants(query->families, network->family) &&
	       query_wants(query->states, network->state) &&
	       query_wants(query->levels, network->level) &&
	       query_wants(query->stops, network->stopped_in) &&
	       query_wants_upstream(query, network->upstream) &&
	       query_wants_country(query, info->country) &&
	       is_found(info, network->asn, query->search);
}

size_t view_count(const struct view *view, const struct query *query)
{
	size_t i, count = 0;

	for (i = 0; i < view->count; i++)
		count += view_wants(view, &view->networks[i], query);
	return count;
}
