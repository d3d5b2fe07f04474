/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/survey.h"

#include <errno.h>
#include <stdlib.h>

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

int survey_network(struct survey *survey, const struct evidence *evidence,
    enum network_state now, enum network_state before)
{
	const struct names *agents = &evidence->agents;
	struct fleet_network network = {.count = agents->count};
	uint32_t i;

	if (make_room(survey, agents->count) < 0)
		return -ENOMEM;
	for (i = 0; i < agents->count; i++)
		survey->keys[i] = fleet_key(names_text(agents, i));
	network.keys = survey->keys;
	network.is_unsettled = fleet_is_unsettled(now, before);
	fleet_mark(survey->fleet, &network, survey->now_ms);
	return 0;
}

void survey_free(struct survey *survey)
{
	free(survey->keys);
	survey->keys = NULL;
	survey->capacity = 0;
}
