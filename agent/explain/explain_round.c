/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/explain/explain_round.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config/endpoints.h"

/* Room for all the ports of one target more. */
static int make_room(struct explain_round *round)
{
	struct explain_item *grown;

	grown = realloc(
	    round->items, (round->count + DIAGNOSE_PORTS_MAX) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	round->items = grown;
	return 0;
}

static int rank_of(uint16_t port)
{
	static const uint16_t first[] = {25, 587, 465};
	int i;

	for (i = 0; i < 3; i++)
		if (first[i] == port)
			return i;
	return 3;
}

bool explain_port_before(uint16_t a, uint16_t b)
{
	if (rank_of(a) != rank_of(b))
		return rank_of(a) < rank_of(b);
	return a < b;
}

static int compare_ports(const void *a, const void *b)
{
	const struct diagnosis *left = a, *right = b;

	if (left->port == right->port)
		return 0;
	return explain_port_before(left->port, right->port) ? -1 : 1;
}

static int add_target(
    struct explain_round *round, const struct round_known *known, size_t index)
{
	struct diagnosis found[DIAGNOSE_PORTS_MAX];
	size_t i, count;

	if (make_room(round) != 0)
		return -ENOMEM;
	count = diagnose_target(known, index, found);
	qsort(found, count, sizeof(*found), compare_ports);
	for (i = 0; i < count; i++) {
		round->items[round->count].target = index;
		round->items[round->count++].diagnosis = found[i];
	}
	return 0;
}

/* What is known of each target's endpoint; the array is the caller's to
 * free(). NULL: no memory. */
static const struct endpoint_known **find_known(
    const struct report *report, const struct endpoint_list *endpoints)
{
	const struct endpoint_known **known = calloc(
	    report->ntargets + 1, sizeof(struct endpoint_known *));
	const struct endpoint *endpoint;
	size_t i;

	for (i = 0; known != NULL && i < report->ntargets; i++) {
		endpoint = endpoints != NULL ? endpoints_find(endpoints,
						   report->targets[i].endpoint)
					     : NULL;
		if (endpoint != NULL)
			known[i] = &endpoint->known;
	}
	return known;
}

static int add_targets(
    struct explain_round *round, const struct endpoint_known *const *endpoints)
{
	const struct report *report = round->report;
	struct round_known known;
	size_t i;
	int error = round_know(
	    &known, report->targets, report->ntargets, endpoints);

	if (error != 0)
		return error;
	for (i = 0; error == 0 && i < report->ntargets; i++)
		error = add_target(round, &known, i);
	round_free(&known);
	return error;
}

int explain_round(const struct report *report,
    const struct endpoint_list *endpoints, struct explain_round *round)
{
	const struct endpoint_known **known = find_known(report, endpoints);
	int error = -ENOMEM;

	memset(round, 0, sizeof(*round));
	round->report = report;
	if (known != NULL)
		error = add_targets(round, known);
	free(known);
	if (error != 0)
		explain_free(round);
	return error;
}

void explain_free(struct explain_round *round)
{
	free(round->items);
	memset(round, 0, sizeof(*round));
}

bool explain_is_reference(
    const struct explain_round *round, const struct explain_item *item)
{
	return item->target >= round->report->ntargets - round->nreferences;
}
