/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/sights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* `list` has room for all endpoints of the evidence. */
static void collect_days(
    const struct evidence *evidence, int32_t begin, struct sight *list)
{
	size_t i, j;

	for (i = 0; i < evidence->ndays; i++) {
		const struct evidence_day *day = &evidence->days[i];

		for (j = day->cell; j < day->cell + day->ncells; j++)
			if (evidence->cells[j].bad > 0)
				list[evidence->cells[j].endpoint]
				    .days |= UINT32_C(1) << (day->day - begin);
	}
}

int sights_note(struct sights *sights, const struct evidence *evidence,
    const struct health *health)
{
	uint32_t endpoints = evidence->endpoints.count, i;
	struct sight *list = realloc(
	    sights->list, (endpoints + (size_t)1) * sizeof(*list));
	const struct health_series *series;

	if (list == NULL)
		return -ENOMEM;
	sights->list = list;
	sights->count = 0;
	memset(list, 0, endpoints * sizeof(*list));
	collect_days(evidence, health->begin, list);
	for (i = 0; i < endpoints; i++) {
		if (list[i].days == 0)
			continue;
		series = health_find(health, evidence, i);
		list[sights->count].days = list[i].days;
		list[sights->count++].series = (uint32_t)(series -
							  health->series);
	}
	return 0;
}

void sights_move(struct sights *sights, int32_t days)
{
	uint32_t i;

	for (i = 0; i < sights->count; i++)
		sights->list[i].days = days < MODEL_WINDOW
					   ? sights->list[i].days >> days
					   : 0;
}

uint32_t sights_among(const struct sights *sights, const uint32_t *days)
{
	uint32_t among = 0, i;

	for (i = 0; i < sights->count; i++)
		among |= days[sights->list[i].series] & sights->list[i].days;
	return among;
}
