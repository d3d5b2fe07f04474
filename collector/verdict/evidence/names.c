/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/array.h"

#define SLOTS_LEAST 32

/* FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

/* The slot of a name, or the free one where it belongs. There must be one. */
static uint32_t *slot_of(const struct names *names, const char *name)
{
	uint32_t mask = names->nslots - 1, i = hash(name) & mask;

	while (names->slots[i] != 0 &&
	       strcmp(names_text(names, names->slots[i] - 1), name) != 0)
		i = (i + 1) & mask;
	return &names->slots[i];
}

static int grow_slots(struct names *names)
{
	uint32_t number,
	    count = names->nslots ? names->nslots * 2 : SLOTS_LEAST;
	uint32_t *slots;

	if (names->nslots > 0 && names->count < names->nslots / 2)
		return 0;
	slots = calloc(count, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	free(names->slots);
	names->slots = slots;
	names->nslots = count;
	for (number = 0; number < names->count; number++)
		*slot_of(names, names_text(names, number)) = number + 1;
	return 0;
}

static int append_text(struct names *names, const char *name)
{
	size_t length = strlen(name) + 1, room = names->room;
	char *text;

	if (names->length + length > room) {
		room = 2 * room + length;
		text = realloc(names->text, room);
		if (text == NULL)
			return -ENOMEM;
		names->text = text;
		names->room = room;
	}
	memcpy(names->text + names->length, name, length);
	names->length += length;
	return 0;
}

int names_put(struct names *names, const char *name, uint32_t *number)
{
	uint32_t *slot, *at, begin = (uint32_t)names->length;

	if (grow_slots(names) < 0)
		return -ENOMEM;
	slot = slot_of(names, name);
	if (*slot == 0) {
		at = array_grow(names->at, names->count, sizeof(*at));
		if (at == NULL)
			return -ENOMEM;
		names->at = at;
		if (append_text(names, name) < 0)
			return -ENOMEM;
		at[names->count] = begin;
		*slot = ++names->count;
	}
	*number = *slot - 1;
	return 0;
}

uint32_t names_find(const struct names *names, const char *name)
{
	return names->nslots > 0 ? *slot_of(names, name) - 1 : NAMES_NONE;
}

const char *names_text(const struct names *names, uint32_t number)
{
	return names->text + names->at[number];
}

struct ranked {
	const char *name;
	uint32_t number;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(
	    ((const struct ranked *)a)->name, ((const struct ranked *)b)->name);
}

int names_sort(struct names *names, uint32_t **ranks)
{
	struct ranked *order = malloc((names->count + 1) * sizeof(*order));
	uint32_t i;

	*ranks = malloc((names->count + 1) * sizeof(**ranks));
	if (order == NULL || *ranks == NULL) {
		free(order);
		free(*ranks);
		*ranks = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < names->count; i++)
		order[i] = (struct ranked){names_text(names, i), i};
	qsort(order, names->count, sizeof(*order), compare_names);
	for (i = 0; i < names->count; i++) {
		(*ranks)[order[i].number] = i;
		names->at[i] = (uint32_t)(order[i].name - names->text);
	}
	free(order);
	return 0;
}

bool names_are_sorted(const struct names *names)
{
	uint32_t i;

	for (i = 1; i < names->count; i++)
		if (strcmp(names_text(names, i - 1), names_text(names, i)) > 0)
			return false;
	return true;
}

void names_clear(struct names *names)
{
	names->length = 0;
	names->count = 0;
	if (names->nslots > 0)
		memset(names->slots, 0, names->nslots * sizeof(*names->slots));
}

void names_free(struct names *names)
{
	free(names->text);
	free(names->at);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}
