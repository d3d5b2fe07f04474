/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_select.h"

const struct explain_item *explain_next(
    const struct explain_selection *of, size_t *at)
{
	const struct explain_item *item;
	const struct diagnosis *diagnosis;

	while (*at < of->round->count) {
		item = &of->round->items[(*at)++];
		diagnosis = &item->diagnosis;
		if (of->asked_only && explain_is_reference(of->round, item))
			continue;
		if (diagnosis->port == of->port &&
		    (of->outcomes >> diagnosis->outcome & 1) != 0 &&
		    (of->mechanisms == 0 ||
			(of->mechanisms >> diagnosis->mechanism & 1) != 0))
			return item;
	}
	return NULL;
}

size_t explain_count(const struct explain_selection *of)
{
	size_t at = 0, count = 0;

	while (explain_next(of, &at) != NULL)
		count++;
	return count;
}

bool explain_same(const struct diagnosis *a, const struct diagnosis *b)
{
	return a->outcome == b->outcome && a->mechanism == b->mechanism &&
	       a->where == b->where && a->after_hop == b->after_hop;
}

const struct diagnosis *explain_commonest(const struct explain_selection *of)
{
	const struct diagnosis *most = NULL;
	const struct explain_item *item, *other;
	size_t at = 0, from, count, best = 0;

	while ((item = explain_next(of, &at)) != NULL) {
		count = 0;
		from = 0;
		while ((other = explain_next(of, &from)) != NULL)
			count += explain_same(
			    &item->diagnosis, &other->diagnosis);
		if (count > best) {
			best = count;
			most = &item->diagnosis;
		}
	}
	return most;
}

int explain_only_family(const struct explain_selection *of)
{
	const struct explain_item *item;
	size_t at = 0;
	int family = 0;

	while ((item = explain_next(of, &at)) != NULL) {
		if (family != 0 &&
		    explain_target(of->round, item)->family != family)
			return 0;
		family = explain_target(of->round, item)->family;
	}
	return family;
}

static bool is_dead(const struct diagnosis *diagnosis)
{
	return diagnosis->mechanism == MECHANISM_OFFLINE ||
	       (diagnosis->mechanism == MECHANISM_NO_ROUTE &&
		   diagnosis->outcome == OUTCOME_UNKNOWN);
}

int explain_dead_family(const struct explain_round *round)
{
	const struct explain_item *item;
	bool seen[2] = {false}, alive[2] = {false};
	size_t i, family;

	for (i = 0; i < round->count; i++) {
		item = &round->items[i];
		if (item->diagnosis.mechanism == MECHANISM_RESOLVE)
			continue;
		family = explain_target(round, item)->family == 6;
		seen[family] = true;
		alive[family] |= !is_dead(&item->diagnosis);
	}
	if (seen[1] && !alive[1] && alive[0])
		return 6;
	return seen[0] && !alive[0] && alive[1] ? 4 : 0;
}

const struct target_seen *explain_target(
    const struct explain_round *round, const struct explain_item *item)
{
	return &round->report->targets[item->target];
}

const struct probe_seen *explain_best_probe(
    const struct explain_round *round, const struct explain_item *item)
{
	const struct target_seen *target = explain_target(round, item);
	const struct probe_seen *probe, *best = NULL;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port == item->diagnosis.port &&
		    (best == NULL || probe->ended > best->ended))
			best = probe;
	}
	return best;
}
