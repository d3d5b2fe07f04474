/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/network_walk.h"

#include <errno.h>
#include <string.h>

void network_walk_init(struct network_walk *walk, int64_t now_ms,
    network_walk_visit *visit, void *arg)
{
	memset(walk, 0, sizeof(*walk));
	walk->now_ms = now_ms;
	walk->visit = visit;
	walk->arg = arg;
}

int network_walk_add(struct network_walk *walk, const struct rollup_row *row)
{
	int result = 0;

	if (walk->has_network && !evidence_is_of(&walk->evidence, row))
		result = network_walk_end(walk);
	if (result != 0)
		return result;
	if (!walk->has_network)
		evidence_begin(&walk->evidence, row, walk->now_ms);
	walk->has_network = true;
	return evidence_add(&walk->evidence, row);
}

int network_walk_end(struct network_walk *walk)
{
	bool is_empty = !walk->has_network || walk->evidence.nrows == 0;

	walk->has_network = false;
	if (is_empty)
		return 0;
	if (evidence_end(&walk->evidence) < 0)
		return -ENOMEM;
	return walk->visit(walk->arg, &walk->evidence);
}

void network_walk_free(struct network_walk *walk)
{
	evidence_free(&walk->evidence);
	memset(walk, 0, sizeof(*walk));
}
