/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

int roster_add(struct roster *roster, const char *agent, int32_t day)
{
	uint32_t count = roster->agents.count, number;
	struct roster_agent *list = array_grow(
	    roster->list, count, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	roster->list = list;
	if (names_put(&roster->agents, agent, &number) < 0)
		return -ENOMEM;
	if (number == count)
		list[number] = (struct roster_agent){day, NAMES_NONE, false};
	if (day < list[number].first_seen)
		list[number].first_seen = day;
	if (roster->agents.count == 1 || day < roster->history)
		roster->history = list[number].first_seen;
	return 0;
}

void roster_set_local(struct roster *roster, const char *agent)
{
	uint32_t number = names_find(&roster->agents, agent);

	if (number != NAMES_NONE)
		roster->list[number].is_local = true;
}

int roster_set_operator(
    struct roster *roster, const char *agent, const char *run_by)
{
	uint32_t number = names_find(&roster->agents, agent), named;

	if (number == NAMES_NONE)
		return 0;
	if (names_put(&roster->operators, run_by, &named) < 0)
		return -ENOMEM;
	roster->list[number].run_by = named;
	return 0;
}

const struct roster_agent *roster_find(
    const struct roster *roster, const char *agent)
{
	uint32_t number = names_find(&roster->agents, agent);

	return number == NAMES_NONE ? NULL : &roster->list[number];
}

const char *roster_operator(const struct roster *roster,
    const struct roster_agent *found, const char *agent)
{
	return found == NULL || found->run_by == NAMES_NONE
		   ? agent
		   : names_text(&roster->operators, found->run_by);
}

void roster_free(struct roster *roster)
{
	names_free(&roster->agents);
	names_free(&roster->operators);
	free(roster->list);
	memset(roster, 0, sizeof(*roster));
}
