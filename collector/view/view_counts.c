/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/view/view_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS 26

static void add(const struct view_network *network, struct view_counts *counts)
{
	counts->networks[network->state]++;
	counts->known += network->state != STATE_INSUFFICIENT &&
			 network->state != STATE_INCONSISTENT;
	counts->vantage_points += network->vantage_points;
	counts->single += network->vantage_points == 1;
	if (network->last_ms > counts->last_ms)
		counts->last_ms = network->last_ms;
}

/* The place of a country among all pairs of letters, or -1. */
static int place_of(const char *country)
{
	if (country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
	    country[1] > 'Z')
		return -1;
	return (country[0] - 'A') * LETTERS + country[1] - 'A';
}

void view_count_all(const struct view *view, uint8_t family, uint16_t port,
    struct view_counts *counts, size_t *countries)
{
	bool seen[LETTERS * LETTERS] = {false};
	size_t i;
	int place;

	memset(counts, 0, sizeof(*counts));
	*countries = 0;
	for (i = 0; i < view->count; i++) {
		const struct view_network *network = &view->networks[i];

		if (network->family != family || network->port != port)
			continue;
		add(network, counts);
		place = place_of(view_info(view, network)->country);
		if (place < 0 || seen[place])
			continue;
		seen[place] = true;
		(*countries)++;
	}
}

static size_t keep_used(struct view_counts *counts)
{
	size_t i, used = 0;

	for (i = 0; i < LETTERS * LETTERS; i++)
		if (counts[i].country[0] != '\0')
			counts[used++] = counts[i];
	return used;
}

int view_count_countries(const struct view *view, uint8_t family, uint16_t port,
    struct view_counts **list, size_t *count)
{
	struct view_counts *counts = calloc(
	    (size_t)LETTERS * LETTERS, sizeof(*counts));
	size_t i;

	if (counts == NULL)
		return -ENOMEM;
	for (i = 0; i < view->count; i++) {
		const struct view_network *network = &view->networks[i];
		const char *country = view_info(view, network)->country;
		int place = place_of(country);

		if (network->family != family || network->port != port ||
		    place < 0)
			continue;
		memcpy(counts[place].country, country, 3);
		add(network, &counts[place]);
	}
	*count = keep_used(counts);
	*list = counts;
	return 0;
}
