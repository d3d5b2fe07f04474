/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/survey.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/array.h"

int survey_agent(struct survey *survey, const char *agent)
{
	uint64_t *grown = array_grow(
	    survey->keys, survey->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	survey->keys = grown;
	grown[survey->count++] = fleet_key(agent);
	return 0;
}

void survey_network(
    struct survey *survey, enum network_state now, enum network_state before)
{
	struct fleet_network network = {
	    .keys = survey->keys,
	    .count = survey->count,
	    .is_unsettled = fleet_is_unsettled(now, before),
	};

	fleet_mark(survey->fleet, &network, survey->now_ms);
	survey->count = 0;
}

void survey_free(struct survey *survey)
{
	free(survey->keys);
	survey->keys = NULL;
	survey->count = 0;
}
