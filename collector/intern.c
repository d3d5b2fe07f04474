/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct intern_entry {
	char *text; /* NULL: free */
	int64_t id;
};

/* FNV-1a */
static size_t hash(const char *text)
{
	uint64_t value = 14695981039346656037u;

	for (; *text != '\0'; text++)
		value = (value ^ (unsigned char)*text) * 1099511628211u;
	return (size_t)(value ^ value >> 32);
}

static struct intern_entry *slot_of(
    struct intern_entry *entries, size_t capacity, const char *text)
{
	size_t i = hash(text) & (capacity - 1);

	while (entries[i].text != NULL && strcmp(entries[i].text, text) != 0)
		i = (i + 1) & (capacity - 1);
	return &entries[i];
}

int64_t intern_find(const struct intern *intern, const char *text)
{
	if (intern->capacity == 0)
		return 0;
	return slot_of(intern->entries, intern->capacity, text)->id;
}

const char *intern_text(const struct intern *intern, int64_t id)
{
	return id > 0 && (size_t)id < intern->nby_id ? intern->by_id[id] : NULL;
}

/* Twice the room, at most half full. */
static int grow(struct intern *intern)
{
	size_t capacity = intern->capacity ? intern->capacity * 2 : 256, i;
	struct intern_entry *entries = calloc(capacity, sizeof(*entries));

	if (entries == NULL)
		return -ENOMEM;
	for (i = 0; i < intern->capacity; i++)
		if (intern->entries[i].text != NULL)
			*slot_of(entries, capacity,
			    intern->entries[i].text) = intern->entries[i];
	free(intern->entries);
	intern->entries = entries;
	intern->capacity = capacity;
	return 0;
}

static int note_id(struct intern *intern, int64_t id, const char *text)
{
	size_t wanted = (size_t)id + 1, count = intern->nby_id;
	const char **grown;

	if (wanted > count) {
		count = count ? count * 2 : 256;
		if (count < wanted)
			count = wanted;
		grown = realloc(intern->by_id, count * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		memset(grown + intern->nby_id, 0,
		    (count - intern->nby_id) * sizeof(*grown));
		intern->by_id = grown;
		intern->nby_id = count;
	}
	intern->by_id[id] = text;
	return 0;
}

int intern_add(struct intern *intern, const char *text, int64_t id)
{
	struct intern_entry *entry;
	char *copy;

	if (intern->count * 2 >= intern->capacity && grow(intern) < 0)
		return -ENOMEM;
	copy = strdup(text);
	if (copy == NULL || note_id(intern, id, copy) < 0) {
		free(copy);
		return -ENOMEM;
	}
	entry = slot_of(intern->entries, intern->capacity, text);
	entry->text = copy;
	entry->id = id;
	intern->count++;
	return 0;
}

void intern_free(struct intern *intern)
{
	size_t i;

	for (i = 0; i < intern->capacity; i++)
		free(intern->entries[i].text);
	free(intern->entries);
	free(intern->by_id);
	memset(intern, 0, sizeof(*intern));
}
