/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/model.h"
#include "lib/base/array.h"

/* Where each outcome and mechanism of each day of a network is counted. */
#define NOUTCOMES   (OUTCOME_COUNT + 1)
#define NMECHANISMS (MECHANISM_COUNT + 1)
#define NSLOTS      ((size_t)MODEL_WINDOW * NOUTCOMES * NMECHANISMS)

int counts_begin(struct counts *counts, int64_t now_ms)
{
	counts->since = evidence_window_begin(evidence_day_of(now_ms));
	counts->slots = calloc(NSLOTS, sizeof(*counts->slots));
	return counts->slots != NULL ? 0 : -ENOMEM;
}

/* --- cells --- */

static size_t slot_of(unsigned day, unsigned outcome, unsigned mechanism)
{
	return ((size_t)day * NOUTCOMES + outcome) * NMECHANISMS + mechanism;
}

static int add_cell(
    struct counts *counts, unsigned day, const struct evidence_row *row)
{
	uint32_t
	    *slot = &counts->slots[slot_of(day, row->outcome, row->mechanism)];
	struct counts_cell *cell;
	uint64_t sum;

	if (*slot == 0) {
		struct counts_cell *grown = array_grow(
		    counts->cells, counts->ncells, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		counts->cells = grown;
		grown[counts->ncells++] = (struct counts_cell){
		    (uint16_t)day, row->outcome, row->mechanism, 0};
		*slot = (uint32_t)counts->ncells;
	}
	cell = &counts->cells[*slot - 1];
	sum = (uint64_t)row->count + cell->measurements;
	cell->measurements = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
	return 0;
}

static void clear_slots(struct counts *counts, size_t first)
{
	size_t i;

	for (i = first; i < counts->ncells; i++)
		counts->slots[slot_of(counts->cells[i].day,
		    counts->cells[i].outcome, counts->cells[i].mechanism)] = 0;
}

/* --- networks --- */

static int begin_network(
    struct counts *counts, const struct counts_network *network)
{
	struct counts_network *grown = array_grow(
	    counts->networks, counts->nnetworks, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	counts->networks = grown;
	grown[counts->nnetworks] = *network;
	grown[counts->nnetworks++].first = counts->ncells;
	return 0;
}

int counts_copy(struct counts *counts, const struct counts *before,
    const struct counts_network *network)
{
	size_t at, i, end;

	if (before->since != counts->since || before->reads != counts->reads)
		return 0;
	at = counts_find(before, network->asn, network->family, network->port);
	if (at == before->nnetworks ||
	    before->networks[at].asn != network->asn ||
	    before->networks[at].family != network->family ||
	    before->networks[at].port != network->port ||
	    before->networks[at].changes != network->changes)
		return 0;
	if (begin_network(counts, network) < 0)
		return -ENOMEM;
	end = counts_end_of(before, at);
	for (i = before->networks[at].first; i < end; i++) {
		struct counts_cell *grown = array_grow(
		    counts->cells, counts->ncells, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		counts->cells = grown;
		grown[counts->ncells++] = before->cells[i];
	}
	return 1;
}

int counts_add(
    struct counts *counts, const struct evidence *evidence, int64_t changes)
{
	const struct counts_network network = {
	    .asn = evidence->asn,
	    .port = evidence->port,
	    .family = evidence->family,
	    .changes = changes,
	};
	size_t i, first = counts->ncells;
	int error = begin_network(counts, &network);

	for (i = 0; error == 0 && i < evidence->nrows; i++) {
		const struct evidence_row *row = &evidence->rows[i];
		unsigned day = (unsigned)(row->day - counts->since);

		if (row->count > 0 && day < MODEL_WINDOW)
			error = add_cell(counts, day, row);
	}
	clear_slots(counts, first);
	return error;
}

void counts_close(struct counts *counts)
{
	free(counts->slots);
	counts->slots = NULL;
}

size_t counts_find(
    const struct counts *counts, uint32_t asn, uint8_t family, uint16_t port)
{
	size_t low = 0, high = counts->nnetworks, middle;

	while (low < high) {
		const struct counts_network *at;

		middle = low + (high - low) / 2;
		at = &counts->networks[middle];
		if (at->asn != asn         ? at->asn < asn
		    : at->family != family ? at->family < family
					   : at->port < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t counts_end_of(const struct counts *counts, size_t index)
{
	return index + 1 < counts->nnetworks ? counts->networks[index + 1].first
					     : counts->ncells;
}

void counts_free(struct counts *counts)
{
	free(counts->cells);
	free(counts->networks);
	free(counts->slots);
	memset(counts, 0, sizeof(*counts));
}
