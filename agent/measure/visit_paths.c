/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/visit_paths.h"

#include <string.h>

/* An answer may take so many times as long as the slowest one, and besides. */
#define PATIENCE          3
#define PATIENCE_LEAST_MS 150

int visit_paths_distance(const struct visit_plan *plan)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < plan->nports; i++)
		if (plan->ports[i].answer_ttl > farthest)
			farthest = plan->ports[i].answer_ttl;
	return farthest;
}

struct path_seen *visit_paths_of(const struct visit_plan *plan, uint16_t port)
{
	size_t i;

	for (i = 0; i < plan->target->npaths; i++)
		if (plan->target->paths[i].port == port)
			return &plan->target->paths[i];
	return NULL;
}

int visit_paths_last_ttl(const struct path_seen *path)
{
	size_t i;

	for (i = path->nhops; i > 0; i--)
		if (path->hops[i - 1].address.family != 0)
			return path->hops[i - 1].ttl;
	return 0;
}

bool visit_paths_is_silent(const struct path_seen *path)
{
	return path->answer == ANSWER_NONE && visit_paths_last_ttl(path) == 0;
}

int visit_paths_next_ttl(const struct visit_plan *plan, int ttl)
{
	int hops = visit_paths_distance(plan), first = 0;
	size_t i, j;

	if (hops == OBSERVE_ABSENT)
		hops = OBSERVE_HOPS_MAX + 1;

	for (i = 0; i < plan->target->npaths; i++) {
		const struct path_seen *path = &plan->target->paths[i];

		for (j = 0; j < path->nhops; j++)
			if (path->hops[j].ttl > ttl &&
			    path->hops[j].ttl < hops &&
			    path->hops[j].address.family != 0 &&
			    (first == 0 || path->hops[j].ttl < first))
				first = path->hops[j].ttl;
	}
	return first;
}

static int64_t slowest_hop_us(const struct target_seen *target)
{
	int64_t slowest_us = 0;
	size_t i, j;

	for (i = 0; i < target->npaths; i++)
		for (j = 0; j < target->paths[i].nhops; j++)
			if (target->paths[i].hops[j].us > slowest_us)
				slowest_us = target->paths[i].hops[j].us;
	return slowest_us;
}

int64_t visit_paths_quickest_us(const struct visit_plan *plan)
{
	int64_t quickest_us = 0, us;
	size_t i;

	for (i = 0; i < plan->nports; i++) {
		us = plan->ports[i].connect_us;
		if (us > 0 && (quickest_us == 0 || us < quickest_us))
			quickest_us = us;
	}
	return quickest_us;
}

int visit_paths_patience_ms(const struct visit_plan *plan, int most_ms)
{
	int64_t hop_us = slowest_hop_us(plan->target);
	int64_t slowest_us = visit_paths_quickest_us(plan), ms;

	if (hop_us > slowest_us)
		slowest_us = hop_us;
	if (slowest_us == 0)
		return most_ms;
	ms = PATIENCE_LEAST_MS + PATIENCE * slowest_us / 1000;
	return ms < most_ms ? (int)ms : most_ms;
}

static struct hop_seen *hop_for(struct path_seen *path, int ttl)
{
	size_t at = 0;

	while (at < path->nhops && path->hops[at].ttl < ttl)
		at++;
	if (at < path->nhops && path->hops[at].ttl == ttl)
		return &path->hops[at];
	if (path->nhops == OBSERVE_HOPS_MAX)
		return NULL;
	memmove(&path->hops[at + 1], &path->hops[at],
	    (path->nhops - at) * sizeof(path->hops[0]));
	path->nhops++;
	memset(&path->hops[at], 0, sizeof(path->hops[at]));
	path->hops[at].ttl = ttl;
	path->hops[at].us = OBSERVE_ABSENT;
	return &path->hops[at];
}

bool visit_paths_merge(struct path_seen *path, const struct path_seen *more)
{
	const struct hop_seen *from;
	struct hop_seen *to;
	bool found = false;
	size_t i;
	int ttl;

	/* These were asked in vain when the path was traced. */
	for (ttl = visit_paths_last_ttl(path) + 1;
	     more->nhops > 0 && ttl < more->hops[0].ttl; ttl++)
		hop_for(path, ttl);
	for (i = 0; i < more->nhops; i++) {
		from = &more->hops[i];
		to = hop_for(path, from->ttl);
		if (to == NULL)
			break;
		to->asked += from->asked;
		to->answered += from->answered;
		if (from->address.family == 0 || to->address.family != 0)
			continue;
		to->address = from->address;
		to->us = from->us;
		found = true;
	}
	return found;
}

bool visit_paths_disagree(const struct path_seen *a, const struct path_seen *b)
{
	size_t i, j;

	for (i = 0; i < a->nhops; i++)
		for (j = 0; j < b->nhops; j++)
			if (a->hops[i].ttl == b->hops[j].ttl &&
			    a->hops[i].address.family != 0 &&
			    b->hops[j].address.family != 0 &&
			    !addr_equal(
				&a->hops[i].address, &b->hops[j].address))
				return true;
	return false;
}
