/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/odds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/model.h"

int odds_init(struct odds *odds, uint32_t endpoints)
{
	odds->count = endpoints;
	odds->endpoints = calloc(
	    endpoints + (size_t)1, sizeof(*odds->endpoints));
	return odds->endpoints != NULL ? 0 : -ENOMEM;
}

void odds_learn(struct odds *odds, const struct evidence *evidence,
    const struct evidence_day *day)
{
	const struct evidence_cell *cells = evidence->cells + day->cell;
	size_t i, open = 0;

	for (i = 0; i < day->ncells; i++)
		open += cells[i].good > cells[i].bad;
	for (i = 0; i < day->ncells; i++) {
		const struct evidence_cell *cell = &cells[i];
		struct odds_endpoint
		    *endpoint = &odds->endpoints[cell->endpoint];

		endpoint->is_seen = true;
		if (open - (cell->good > cell->bad) == 0)
			continue;
		*(cell->bad > cell->good ? &endpoint->bad
					 : &endpoint->good) += 1;
	}
}

static bool is_at_odds(const struct odds_endpoint *endpoint)
{
	return endpoint->bad >= MODEL_ODDS_LEAST &&
	       (double)endpoint->bad >=
		   MODEL_ODDS_SHARE * (double)(endpoint->bad + endpoint->good);
}

void odds_decide(struct odds *odds)
{
	uint32_t i, seen = 0, at_odds = 0;

	for (i = 0; i < odds->count; i++) {
		odds->endpoints[i].is_at_odds = is_at_odds(&odds->endpoints[i]);
		at_odds += odds->endpoints[i].is_at_odds;
		seen += odds->endpoints[i].is_seen;
	}
	/* Where most are, it is the network that differs. */
	if (2 * at_odds > seen)
		for (i = 0; i < odds->count; i++)
			odds->endpoints[i].is_at_odds = false;
}

void odds_free(struct odds *odds)
{
	free(odds->endpoints);
	memset(odds, 0, sizeof(*odds));
}
