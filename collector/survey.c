/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static int decided_before(void *arg, const struct verdict *verdict)
{
	struct survey *survey = arg;

	survey->last_before = *verdict;
	return 0;
}

static bool is_same_network(const struct verdict *a, const struct verdict *b)
{
	return a->probes > 0 && a->asn == b->asn && a->family == b->family &&
	       a->port == b->port;
}

static int decided_now(void *arg, const struct verdict *verdict)
{
	struct survey *survey = arg;
	const struct verdict *before = &survey->last_before;
	struct fleet_network network = {
	    .keys = survey->keys,
	    .count = survey->count,
	};

	if (!is_same_network(before, verdict))
		before = NULL;
	network.is_unsettled = fleet_is_unsettled(verdict, before);
	fleet_mark(survey->fleet, &network, survey->now_ms);
	return 0;
}

void survey_init(struct survey *survey, struct fleet *fleet, int64_t now_ms)
{
	memset(survey, 0, sizeof(*survey));
	survey->fleet = fleet;
	survey->now_ms = now_ms;
	verdict_run_init(&survey->now, now_ms, decided_now, survey);
	verdict_run_init(
	    &survey->before, now_ms - DAY_MS, decided_before, survey);
}

static int add_key(struct survey *survey, const char *agent)
{
	uint64_t *grown, key = fleet_key(agent);
	size_t capacity;

	/* The rows of an agent come together for each day and prefix. */
	if (survey->count > 0 && survey->keys[survey->count - 1] == key)
		return 0;
	if (survey->count == survey->capacity) {
		capacity = survey->capacity > 0 ? survey->capacity * 2 : 64;
		grown = realloc(survey->keys, capacity * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		survey->keys = grown;
		survey->capacity = capacity;
	}
	survey->keys[survey->count++] = key;
	return 0;
}

int survey_row(struct survey *survey, const struct rollup_row *row)
{
	const struct rollup_row *last = survey->now.rows;
	bool is_next = survey->now.count > 0 &&
		       (last->asn != row->asn || last->family != row->family ||
			   last->port != row->port);
	/* The one of a day ago first: it is wanted beside the other. */
	int error = verdict_run_row(&survey->before, row);

	if (error == 0)
		error = verdict_run_row(&survey->now, row);
	if (is_next)
		survey->count = 0;
	return error == 0 ? add_key(survey, row->agent) : error;
}

int survey_end(struct survey *survey, bool completely)
{
	int error = 0;

	if (completely)
		error = verdict_run_end(&survey->before);
	if (completely && error == 0)
		error = verdict_run_end(&survey->now);
	verdict_run_cancel(&survey->before);
	verdict_run_cancel(&survey->now);
	free(survey->keys);
	survey->keys = NULL;
	return error;
}
