/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_SURVEY_H
#define EGRESS25_COLLECTOR_FLEET_SURVEY_H

/*
 * From the rollups to what each agent's networks need (fleet.h): network by
 * network, its verdict of now beside that of a day ago. Pure but for the memory
 * that it owns.
 *	survey_init(); survey_row() for each, in the store's order;
 *	survey_end().
 */

#include "collector/fleet/fleet.h"

/* Older rollups do not matter here, as they do not in a verdict. */
#define SURVEY_DAYS 14

struct survey {
	struct fleet *fleet; /* sorted */
	int64_t now_ms;
	struct verdict_run run;
	size_t nrows;   /* of the network at hand */
	uint64_t *keys; /* owned: its agents */
	size_t count, capacity;
};

void survey_init(struct survey *survey, struct fleet *fleet, int64_t now_ms);

/* 0 or -ENOMEM. */
int survey_row(struct survey *survey, const struct rollup_row *row);

/* Mark the last network, and free; `completely`: false, only free. */
int survey_end(struct survey *survey, bool completely);

#endif
