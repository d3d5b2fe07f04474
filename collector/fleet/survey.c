/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* The run still has the network's rows, all of them in the verdict's window. */
static int decided(void *arg, const struct verdict *verdict)
{
	struct survey *survey = arg;
	struct fleet_network network = {
	    .keys = survey->keys,
	    .count = survey->count,
	};
	struct verdict before;

	if (verdict_decide(survey->run.rows, survey->nrows,
		survey->now_ms - DAY_MS, &before) < 0)
		return -ENOMEM;
	network.is_unsettled = fleet_is_unsettled(
	    verdict, before.probes > 0 ? &before : NULL);
	fleet_mark(survey->fleet, &network, survey->now_ms);
	return 0;
}

void survey_init(struct survey *survey, struct fleet *fleet, int64_t now_ms)
{
	memset(survey, 0, sizeof(*survey));
	survey->fleet = fleet;
	survey->now_ms = now_ms;
	verdict_run_init(&survey->run, now_ms, decided, survey);
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
	const struct rollup_row *last = survey->run.rows;
	bool is_next = survey->run.count > 0 &&
		       (last->asn != row->asn || last->family != row->family ||
			   last->port != row->port);
	int error;

	if (row->first_ms > survey->now_ms ||
	    row->last_ms <= survey->now_ms - SURVEY_DAYS * DAY_MS)
		return 0;
	error = verdict_run_row(&survey->run, row);
	if (error != 0)
		return error;
	if (is_next)
		survey->nrows = survey->count = 0;
	survey->nrows++;
	return add_key(survey, row->agent);
}

int survey_end(struct survey *survey, bool completely)
{
	int error = completely ? verdict_run_end(&survey->run) : 0;

	verdict_run_cancel(&survey->run);
	free(survey->keys);
	survey->keys = NULL;
	return error;
}
