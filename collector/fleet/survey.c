/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/verdict.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static int make_room(struct survey *survey, size_t count)
{
	uint64_t *grown;

	if (count <= survey->capacity)
		return 0;
	grown = realloc(survey->keys, count * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	survey->keys = grown;
	survey->capacity = count;
	return 0;
}

/* In the store's order an agent's rows of one day and prefix are neighbours:
 * most of what repeats is left out here, the rest by fleet_mark(). */
static size_t list_keys(
    struct survey *survey, const struct rollup_row *rows, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (i == 0 || strcmp(rows[i - 1].agent, rows[i].agent) != 0)
			survey->keys[kept++] = fleet_key(rows[i].agent);
	return kept;
}

int survey_network(void *arg, struct rollup_row *rows, size_t count)
{
	struct survey *survey = arg;
	struct network_verdict now, before;
	struct fleet_network network;

	count = verdict_keep_window(rows, count, survey->now_ms);
	if (count == 0)
		return 0;
	if (make_room(survey, count) < 0)
		return -ENOMEM;
	network.keys = survey->keys;
	network.count = list_keys(survey, rows, count);
	if (verdict_decide(rows, count, survey->now_ms, &now) < 0 ||
	    verdict_decide(rows, count, survey->now_ms - DAY_MS, &before) < 0)
		return -ENOMEM;
	network.is_unsettled = fleet_is_unsettled(
	    &now, before.probes > 0 ? &before : NULL);
	fleet_mark(survey->fleet, &network, survey->now_ms);
	return 0;
}

void survey_free(struct survey *survey)
{
	free(survey->keys);
	survey->keys = NULL;
	survey->capacity = 0;
}
