/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/blocklist_lookup.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/net/resolve.h"

enum point { ADDRESS, LISTED, UNLISTED, POINTS };

struct question {
	struct blocklist_lookup *of;
	struct blocklist_answer answer;
};

struct blocklist_lookup {
	struct resolver *resolver;
	struct blocklist_seen seen[BLOCKLISTS_MAX];
	struct question questions[BLOCKLISTS_MAX][POINTS];
	size_t count, pending;
	blocklist_lookup_done *done;
	void *arg;
};

static void finish(struct blocklist_lookup *lookup)
{
	struct question *questions;
	size_t i;

	for (i = 0; i < lookup->count; i++) {
		questions = lookup->questions[i];
		lookup->seen[i].answer = questions[ADDRESS].answer;
		blocklist_judge(&lookup->seen[i], &questions[LISTED].answer,
		    &questions[UNLISTED].answer);
	}
	lookup->done(lookup->arg, lookup->seen, lookup->count);
	free(lookup);
}

static void on_answer(void *arg, const struct resolve_addresses *found)
{
	struct question *question = arg;
	struct blocklist_lookup *lookup = question->of;
	size_t i;

	question->answer.failed = found->count == 0 && found->failed;
	for (i = 0; i < found->count && i < BLOCKLIST_CODES_MAX; i++)
		question->answer.code[i] = found->address[i];
	question->answer.count = i;
	if (--lookup->pending == 0)
		finish(lookup);
}

/* A question that cannot be asked counts as unanswered. */
static void ask(struct blocklist_lookup *lookup, struct question *question,
    const struct addr *address, const char *zone)
{
	char name[256];

	question->of = lookup;
	question->answer.failed = true;
	blocklist_query_name(address, zone, name);
	if (resolve_addresses(lookup->resolver, name, 4, on_answer, question) ==
	    0)
		lookup->pending++;
}

struct blocklist_lookup *blocklist_lookup_start(struct resolver *resolver,
    const struct addr *address, const struct blocklist_zones *zones,
    blocklist_lookup_done *done, void *arg)
{
	struct blocklist_lookup *lookup = calloc(1, sizeof(*lookup));
	struct addr listed, unlisted;
	const char *zone;
	size_t i;

	if (lookup == NULL)
		return NULL;
	lookup->resolver = resolver;
	lookup->done = done;
	lookup->arg = arg;
	lookup->count = zones->count;
	blocklist_test_points(address->family, &listed, &unlisted);
	for (i = 0; i < zones->count; i++) {
		zone = zones->zone[i];
		snprintf(lookup->seen[i].zone, BLOCKLIST_ZONE_SIZE, "%s", zone);
		ask(lookup, &lookup->questions[i][ADDRESS], address, zone);
		ask(lookup, &lookup->questions[i][LISTED], &listed, zone);
		ask(lookup, &lookup->questions[i][UNLISTED], &unlisted, zone);
	}
	if (lookup->pending > 0)
		return lookup;
	free(lookup);
	return NULL;
}

void blocklist_lookup_cancel(struct blocklist_lookup *lookup)
{
	size_t i, k;

	if (lookup == NULL)
		return;
	for (i = 0; i < lookup->count; i++)
		for (k = 0; k < POINTS; k++)
			resolve_cancel(
			    lookup->resolver, &lookup->questions[i][k]);
	free(lookup);
}
