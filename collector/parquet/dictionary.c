/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/dictionary.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024

static uint64_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;
	uint64_t word;

	for (; length >= sizeof(word); bytes += 8, length -= 8) {
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	for (; length > 0; bytes++, length--)
		hash = (hash ^ (unsigned char)*bytes) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

const char *dictionary_text(
    const struct dictionary *dictionary, uint32_t number, size_t *length)
{
	size_t begins = number > 0 ? (size_t)dictionary->values[number - 1] : 0;

	*length = (size_t)dictionary->values[number] - begins;
	return *length > 0 ? dictionary->bytes.data + begins : "";
}

bool dictionary_has_text(const struct dictionary *dictionary, uint32_t number,
    const char *text, size_t length)
{
	size_t known_length;
	const char *known = dictionary_text(dictionary, number, &known_length);

	return known_length == length && memcmp(known, text, length) == 0;
}

static uint64_t hash_of(
    const struct dictionary *dictionary, uint32_t number, bool is_text)
{
	const char *text;
	size_t length;

	if (!is_text)
		return hash_bytes((char *)&dictionary->values[number], 8);
	text = dictionary_text(dictionary, number, &length);
	return hash_bytes(text, length);
}

static bool grow_slots(struct dictionary *dictionary, bool is_text)
{
	size_t nslots = dictionary->nslots > 0 ? dictionary->nslots * 2
					       : SLOTS_FIRST;
	uint32_t *slots = calloc(nslots, sizeof(*slots)), number;
	size_t at;

	if (slots == NULL)
		return false;
	for (number = 0; number < dictionary->count; number++) {
		at = hash_of(dictionary, number, is_text) & (nslots - 1);
		while (slots[at] != 0)
			at = (at + 1) & (nslots - 1);
		slots[at] = number + 1;
	}
	free(dictionary->slots);
	dictionary->slots = slots;
	dictionary->nslots = nslots;
	return true;
}

static bool make_room(struct dictionary *dictionary)
{
	uint32_t capacity = dictionary->capacity > 0 ? dictionary->capacity * 2
						     : SLOTS_FIRST / 2;
	int64_t *values;

	if (dictionary->count < dictionary->capacity)
		return true;
	values = realloc(dictionary->values, capacity * sizeof(*values));
	if (values == NULL)
		return false;
	dictionary->values = values;
	dictionary->capacity = capacity;
	return true;
}

/* Of a text, or if it is NULL of `value`. */
static bool number_of(struct dictionary *dictionary, int64_t value,
    const char *text, size_t length, uint32_t *number)
{
	uint64_t hash = text != NULL ? hash_bytes(text, length)
				     : hash_bytes((char *)&value, 8);
	size_t at;

	if (2 * (size_t)dictionary->count >= dictionary->nslots &&
	    !grow_slots(dictionary, text != NULL))
		return false;
	if (!make_room(dictionary))
		return false;
	for (at = hash & (dictionary->nslots - 1); dictionary->slots[at] != 0;
	     at = (at + 1) & (dictionary->nslots - 1)) {
		*number = dictionary->slots[at] - 1;
		if (text != NULL
			? dictionary_has_text(dictionary, *number, text, length)
			: dictionary->values[*number] == value)
			return true;
	}
	*number = dictionary->count++;
	dictionary->slots[at] = dictionary->count;
	if (text != NULL) {
		buf_append(&dictionary->bytes, text, length);
		value = (int64_t)dictionary->bytes.length;
	}
	dictionary->values[*number] = value;
	return !dictionary->bytes.failed;
}

bool dictionary_append_text(struct dictionary *dictionary, const char *text,
    size_t length, uint32_t *number)
{
	if (!make_room(dictionary))
		return false;
	buf_append(&dictionary->bytes, text, length);
	*number = dictionary->count++;
	dictionary->values[*number] = (int64_t)dictionary->bytes.length;
	return !dictionary->bytes.failed;
}

bool dictionary_add(
    struct dictionary *dictionary, int64_t value, uint32_t *number)
{
	return number_of(dictionary, value, NULL, 0, number);
}

bool dictionary_add_text(struct dictionary *dictionary, const char *text,
    size_t length, uint32_t *number)
{
	return number_of(dictionary, 0, text, length, number);
}

void dictionary_free(struct dictionary *dictionary)
{
	free(dictionary->slots);
	free(dictionary->values);
	buf_free(&dictionary->bytes);
	memset(dictionary, 0, sizeof(*dictionary));
}
