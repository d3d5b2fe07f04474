/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/network_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/verdict.h"

void network_walk_init(
    struct network_walk *walk, network_walk_visit *visit, void *arg)
{
	memset(walk, 0, sizeof(*walk));
	walk->visit = visit;
	walk->arg = arg;
}

static bool is_same_network(
    const struct rollup_row *a, const struct rollup_row *b)
{
	return a->asn == b->asn && a->family == b->family && a->port == b->port;
}

static int make_room(struct network_walk *walk)
{
	size_t capacity = walk->capacity ? walk->capacity * 2 : 64;
	struct rollup_row *grown;

	if (walk->count < walk->capacity)
		return 0;
	grown = realloc(walk->rows, capacity * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	walk->rows = grown;
	walk->capacity = capacity;
	return 0;
}

int network_walk_add(struct network_walk *walk, const struct rollup_row *row)
{
	int result = 0;

	if (walk->count > 0 && !is_same_network(&walk->rows[0], row))
		result = network_walk_end(walk);
	if (result == 0)
		result = make_room(walk);
	if (result == 0)
		walk->rows[walk->count++] = *row;
	return result;
}

int network_walk_end(struct network_walk *walk)
{
	size_t count = walk->count;

	walk->count = 0;
	return count > 0 ? walk->visit(walk->arg, walk->rows, count) : 0;
}

void network_walk_free(struct network_walk *walk)
{
	free(walk->rows);
	memset(walk, 0, sizeof(*walk));
}

int network_walk_decide(void *arg, struct rollup_row *rows, size_t count)
{
	const struct network_decider *decider = arg;
	struct network_verdict verdict;

	if (verdict_decide(rows, count, decider->now_ms, &verdict) < 0)
		return -ENOMEM;
	if (verdict.probes == 0)
		return 0;
	return decider->decided(decider->arg, &verdict);
}
