/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/repeated.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 64 /* of each part: more than one report has of most */
#define HASHED 64 /* bytes of a part, in which nearly all parts differ */

static const struct span {
	size_t begin, size;
} spans[ROW_PARTS] = {
    [ROW_PROBE] = {0, offsetof(struct measurement, agent)},
    [ROW_TARGET] = {offsetof(struct measurement, agent),
	offsetof(struct measurement, port) -
	    offsetof(struct measurement, agent)},
    [ROW_RESULT] = {offsetof(struct measurement, port),
	sizeof(struct measurement) - offsetof(struct measurement, port)},
};

enum row_part row_part_of(const struct column *column)
{
	if (column->offset < spans[ROW_TARGET].begin)
		return ROW_PROBE;
	return column->offset < spans[ROW_RESULT].begin ? ROW_TARGET
							: ROW_RESULT;
}

/* --- what is kept --- */

/* A row of which one part stands for all with the same. */
struct place {
	bool used;
	struct measurement of;
};

struct repeated {
	size_t size;
	struct place places[ROW_PARTS][PLACES];
	char kept[]; /* of each place `size` bytes */
};

struct repeated *repeated_new(size_t size)
{
	struct repeated *repeated = calloc(
	    1, sizeof(*repeated) + ROW_PARTS * PLACES * size);

	if (repeated != NULL)
		repeated->size = size;
	return repeated;
}

static size_t place_of(const char *bytes, size_t length)
{
	uint64_t hash = 0, word;

	length = length < HASHED ? length : HASHED;
	for (; length >= sizeof(word); bytes += 8, length -= 8) {
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash >> 7 & (PLACES - 1);
}

void *repeated_find(struct repeated *repeated, enum row_part part,
    const struct measurement *row, bool *known)
{
	const struct span *span = &spans[part];
	const char *bytes = (const char *)row + span->begin;
	size_t number = place_of(bytes, span->size);
	struct place *place = &repeated->places[part][number];
	char *of = (char *)&place->of + span->begin;

	*known = place->used && memcmp(of, bytes, span->size) == 0;
	if (!*known) {
		memcpy(of, bytes, span->size);
		place->used = true;
	}
	return repeated->kept + (part * PLACES + number) * repeated->size;
}

void repeated_clear(struct repeated *repeated)
{
	size_t part, number;

	for (part = 0; part < ROW_PARTS; part++)
		for (number = 0; number < PLACES; number++)
			repeated->places[part][number].used = false;
}

void repeated_free(struct repeated *repeated, repeated_drop *drop)
{
	size_t i;

	if (repeated == NULL)
		return;
	for (i = 0; drop != NULL && i < ROW_PARTS * PLACES; i++)
		drop(repeated->kept + i * repeated->size);
	free(repeated);
}
