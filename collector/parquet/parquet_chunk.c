/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/parquet_chunk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "collector/parquet/levels.h"
#include "collector/parquet/thrift.h"

#define ZSTD_LEVEL      3
#define PAGE_DATA       0
#define PAGE_DICTIONARY 2
#define DICTIONARY_SHARE \
	2 /* a dictionary is worth it up to 1/2 of the values */
#define DICTIONARY_BYTES (1 << 20)
#define DIFFER_AFTER     4096

/* --- values as they come --- */

void parquet_chunk_init(struct parquet_chunk *chunk,
    const struct parquet_column *column, size_t rows)
{
	memset(chunk, 0, sizeof(*chunk));
	chunk->column = column;
	chunk->most = rows;
}

/* Room for a group, once there is something to hold. */
static bool has_room(struct parquet_chunk *chunk)
{
	if (chunk->values == NULL)
		chunk->values = malloc(chunk->most * sizeof(*chunk->values));
	if (chunk->there == NULL)
		chunk->there = malloc(chunk->most * sizeof(*chunk->there));
	chunk->no_memory |= chunk->values == NULL || chunk->there == NULL;
	return !chunk->no_memory;
}

void parquet_chunk_free(struct parquet_chunk *chunk)
{
	free(chunk->values);
	free(chunk->there);
	chunk->values = NULL;
	chunk->there = NULL;
	chunk->nentries = 0;
	chunk->nvalues = 0;
	dictionary_free(&chunk->texts);
}

void parquet_chunk_put(struct parquet_chunk *chunk, int64_t value)
{
	if (!has_room(chunk))
		return;
	chunk->values[chunk->nvalues] = value;
	chunk->is_set = true;
}

/* So many texts of a group came, and most of them were new: the rest is not
 * looked up. */
static bool texts_differ(const struct parquet_chunk *chunk)
{
	return chunk->nvalues >= DIFFER_AFTER &&
	       chunk->texts.count > chunk->nvalues / 4 * 3;
}

void parquet_chunk_put_text(
    struct parquet_chunk *chunk, const char *text, size_t length)
{
	struct dictionary *texts = &chunk->texts;
	bool added = true;

	if (texts_differ(chunk))
		added = dictionary_append_text(
		    texts, text, length, &chunk->last_text);
	else if (texts->count == 0 ||
		 !dictionary_has_text(texts, chunk->last_text, text, length))
		added = dictionary_add_text(
		    texts, text, length, &chunk->last_text);
	chunk->no_memory |= !added;
	parquet_chunk_put(chunk, chunk->last_text);
}

void parquet_chunk_end(struct parquet_chunk *chunk)
{
	if (!has_room(chunk))
		return;
	chunk->there[chunk->nentries++] = chunk->is_set;
	chunk->nvalues += chunk->is_set;
	chunk->is_set = false;
}

/* --- PLAIN --- */

static void put_little(struct buf *out, uint64_t value, int bytes)
{
	char little[8];
	int i;

	for (i = 0; i < bytes; i++, value >>= 8)
		little[i] = (char)value;
	buf_append(out, little, (size_t)bytes);
}

static int plain_size(enum parquet_type type)
{
	return type == PARQUET_INT64 || type == PARQUET_TIME ||
		       type == PARQUET_DOUBLE
		   ? 8
		   : 4;
}

static void put_text_plain(
    const struct dictionary *dictionary, uint32_t number, struct buf *out)
{
	size_t length;
	const char *text = dictionary_text(dictionary, number, &length);

	put_little(out, length, 4);
	buf_append(out, text, length);
}

static void put_bools(struct buf *out, const int64_t *values, size_t count)
{
	size_t i;
	int byte = 0;

	for (i = 0; i < count; i++) {
		byte |= (values[i] != 0) << (i % 8);
		if (i % 8 == 7 || i + 1 == count) {
			buf_append_char(out, (char)byte);
			byte = 0;
		}
	}
}

static void put_plain(const struct parquet_chunk *chunk, const int64_t *values,
    size_t count, struct buf *out)
{
	enum parquet_type type = chunk->column->type;
	size_t i;

	if (type == PARQUET_BOOL) {
		put_bools(out, values, count);
		return;
	}
	for (i = 0; i < count; i++)
		if (type == PARQUET_TEXT)
			put_text_plain(&chunk->texts, (uint32_t)values[i], out);
		else
			put_little(out, (uint64_t)values[i], plain_size(type));
}

/* --- the least and the greatest --- */

/* By their bytes, as numbers without sign. */
static int compare_texts(const struct dictionary *texts, int64_t a, int64_t b)
{
	size_t left_length, right_length;
	const char *left = dictionary_text(texts, (uint32_t)a, &left_length);
	const char *right = dictionary_text(texts, (uint32_t)b, &right_length);
	size_t both = left_length < right_length ? left_length : right_length;
	int order = memcmp(left, right, both);

	if (order != 0)
		return order;
	return (left_length > right_length) - (left_length < right_length);
}

static int compare_doubles(int64_t a, int64_t b)
{
	double left, right;

	memcpy(&left, &a, sizeof(left));
	memcpy(&right, &b, sizeof(right));
	return (left > right) - (left < right);
}

static int compare(const struct parquet_chunk *chunk, int64_t a, int64_t b)
{
	switch (chunk->column->type) {
	case PARQUET_TEXT:
		return compare_texts(&chunk->texts, a, b);
	case PARQUET_DOUBLE:
		return compare_doubles(a, b);
	default:
		return (a > b) - (a < b);
	}
}

static void put_range(
    const struct parquet_chunk *chunk, int64_t value, struct buf *out)
{
	const char *text;
	size_t length;

	if (chunk->column->type != PARQUET_TEXT) {
		put_plain(chunk, &value, 1, out);
		return;
	}
	text = dictionary_text(&chunk->texts, (uint32_t)value, &length);
	buf_append(out, text, length);
}

static void find_range(
    const struct parquet_chunk *chunk, struct parquet_chunk_facts *facts)
{
	bool is_text = chunk->column->type == PARQUET_TEXT;
	size_t i, count = is_text ? chunk->texts.count : chunk->nvalues;
	int64_t value, least = 0, greatest = 0;

	for (i = 0; i < count; i++) {
		value = is_text ? (int64_t)i : chunk->values[i];
		if (i == 0 || compare(chunk, value, least) < 0)
			least = value;
		if (i == 0 || compare(chunk, value, greatest) > 0)
			greatest = value;
	}
	facts->has_range = count > 0;
	if (count == 0)
		return;
	put_range(chunk, least, &facts->least);
	put_range(chunk, greatest, &facts->greatest);
}

/* --- pages --- */

/* Where pages go. */
struct pages {
	struct buf *out;
	ZSTD_CCtx *context;
	struct parquet_chunk_facts *facts;
	struct buf plain; /* a page before compression */
	bool failed;
};

static void put_header(struct pages *pages, int type, size_t count,
    int encoding, size_t compressed)
{
	struct thrift thrift = {.out = pages->out};

	thrift_i32(&thrift, 1, type);
	thrift_i32(&thrift, 2, (int32_t)pages->plain.length);
	thrift_i32(&thrift, 3, (int32_t)compressed);
	thrift_begin(&thrift, type == PAGE_DATA ? 5 : 7);
	thrift_i32(&thrift, 1, (int32_t)count);
	thrift_i32(&thrift, 2, encoding);
	if (type == PAGE_DATA) {
		thrift_i32(&thrift, 3, PARQUET_RLE);
		thrift_i32(&thrift, 4, PARQUET_RLE);
	}
	thrift_end(&thrift);
	thrift_end(&thrift);
}

/* Compress what is in `plain`, and append it with its header. */
static void put_page(struct pages *pages, int type, size_t count, int encoding)
{
	size_t began = pages->out->length;
	size_t most = ZSTD_compressBound(pages->plain.length), size = 0;
	struct buf packed = {0};
	char *at = buf_reserve(&packed, most + 1);

	if (at != NULL && !pages->plain.failed)
		size = ZSTD_compressCCtx(pages->context, at, most,
		    pages->plain.data, pages->plain.length, ZSTD_LEVEL);
	if (at == NULL || pages->plain.failed || ZSTD_isError(size)) {
		pages->failed = true;
	} else {
		put_header(pages, type, count, encoding, size);
		pages->facts->full += (int64_t)(pages->out->length - began +
						pages->plain.length);
		buf_append(pages->out, at, size);
	}
	buf_free(&packed);
	buf_clear(&pages->plain);
}

static void put_levels(struct buf *out, const uint32_t *there, size_t count)
{
	size_t began = out->length;
	uint32_t length;
	int i;

	put_little(out, 0, 4);
	levels_put(out, there, count, 1);
	if (out->failed)
		return;
	length = (uint32_t)(out->length - began - 4);
	for (i = 0; i < 4; i++)
		out->data[began + (size_t)i] = (char)(length >> 8 * i);
}

/* What the rows hold: of each whether it is null, and the values of the others,
 * PLAIN or (if `numbers` is not NULL) by the dictionary. */
struct held {
	size_t rows, nvalues;
	uint32_t *there;
	int64_t *values;
	uint32_t *numbers;
	int width; /* of the numbers, in bits */
};

static void put_values(struct pages *pages, const struct parquet_chunk *chunk,
    const struct held *held)
{
	size_t first, nrows, i, count, value = 0;

	for (first = 0; first < held->rows; first += nrows) {
		nrows = held->rows - first < PARQUET_PAGE_ROWS
			    ? held->rows - first
			    : PARQUET_PAGE_ROWS;
		put_levels(&pages->plain, held->there + first, nrows);
		for (i = count = 0; i < nrows; i++)
			count += held->there[first + i];
		if (held->numbers == NULL) {
			put_plain(
			    chunk, held->values + value, count, &pages->plain);
		} else {
			buf_append_char(&pages->plain, (char)held->width);
			levels_put(&pages->plain, held->numbers + value, count,
			    held->width);
		}
		value += count;
		put_page(pages, PAGE_DATA, nrows,
		    held->numbers != NULL ? PARQUET_RLE_DICTIONARY
					  : PARQUET_PLAIN);
	}
}

static void put_dictionary(struct pages *pages,
    const struct parquet_chunk *chunk, const struct dictionary *dictionary)
{
	uint32_t i;

	for (i = 0; i < dictionary->count; i++)
		if (chunk->column->type == PARQUET_TEXT)
			put_text_plain(dictionary, i, &pages->plain);
		else
			put_plain(
			    chunk, &dictionary->values[i], 1, &pages->plain);
	put_page(pages, PAGE_DICTIONARY, dictionary->count, PARQUET_PLAIN);
	pages->facts->has_dictionary = true;
}

/* Number the values. False: there are so many different ones that a dictionary
 * is not worth it for `most` of them. */
static bool number_values(const struct parquet_chunk *chunk, size_t most,
    struct dictionary *dictionary, uint32_t *numbers)
{
	bool is_text = chunk->column->type == PARQUET_TEXT;
	const int64_t *values = chunk->values;
	size_t i;

	if (chunk->column->type == PARQUET_BOOL)
		return false;
	if (is_text)
		*dictionary = chunk->texts;
	for (i = 0; i < chunk->nvalues && dictionary->count <= most; i++)
		if (is_text)
			numbers[i] = (uint32_t)values[i];
		else if (i > 0 && values[i] == values[i - 1])
			numbers[i] = numbers[i - 1];
		else if (!dictionary_add(dictionary, values[i], &numbers[i]))
			return false;
	return dictionary->count <= most && dictionary->count > 0 &&
	       dictionary->bytes.length <= DICTIONARY_BYTES;
}

/* --- from entries to rows --- */

/* Of each entry its place among the values, or NO_VALUE. */
#define NO_VALUE UINT32_MAX

static void find_places(const struct parquet_chunk *chunk, uint32_t *places)
{
	uint32_t place = 0;
	size_t i;

	for (i = 0; i < chunk->nentries; i++)
		places[i] = chunk->there[i] ? place++ : NO_VALUE;
}

/* Fill in what the rows hold, from what the entries do. */
static void unroll(const struct parquet_chunk *chunk, const uint32_t *entries,
    const uint32_t *places, struct held *held, const uint32_t *numbers)
{
	size_t i;

	for (i = 0; i < held->rows; i++) {
		uint32_t place = places[entries[i]];

		held->there[i] = place != NO_VALUE;
		if (place == NO_VALUE)
			continue;
		if (numbers != NULL)
			held->numbers[held->nvalues] = numbers[place];
		else
			held->values[held->nvalues] = chunk->values[place];
		held->nvalues++;
	}
}

/* How many of the rows are not null. */
static size_t count_values(
    const struct parquet_chunk *chunk, const struct parquet_rows *rows)
{
	size_t i, count = 0;

	if (rows->entries == NULL)
		return chunk->nvalues;
	for (i = 0; i < rows->count; i++)
		count += chunk->there[rows->entries[i]];
	return count;
}

static void put_unrolled(struct pages *pages, const struct parquet_chunk *chunk,
    const struct parquet_rows *rows, const uint32_t *numbers, int width)
{
	struct held held = {.rows = rows->count, .width = width};
	uint32_t *places = malloc((chunk->nentries + 1) * sizeof(*places));

	held.there = malloc(rows->count * sizeof(*held.there));
	if (numbers != NULL)
		held.numbers = malloc(rows->count * sizeof(*held.numbers));
	else
		held.values = malloc(rows->count * sizeof(*held.values));
	if (places == NULL || held.there == NULL ||
	    (held.numbers == NULL && held.values == NULL)) {
		pages->failed = true;
	} else {
		find_places(chunk, places);
		unroll(chunk, rows->entries, places, &held, numbers);
		put_values(pages, chunk, &held);
	}
	free(places);
	free(held.there);
	free(held.numbers);
	free(held.values);
}

static void put_chunk(struct pages *pages, const struct parquet_chunk *chunk,
    const struct parquet_rows *rows, size_t nvalues)
{
	struct dictionary dictionary = {0};
	uint32_t *numbers = malloc((chunk->nvalues + 1) * sizeof(*numbers));
	size_t began = pages->out->length;
	struct held held = {
	    rows->count, chunk->nvalues, chunk->there, chunk->values, NULL, 0};

	if (numbers == NULL) {
		pages->failed = true;
		return;
	}
	if (number_values(
		chunk, nvalues / DICTIONARY_SHARE, &dictionary, numbers)) {
		put_dictionary(pages, chunk, &dictionary);
		held.numbers = numbers;
		held.width = levels_width(dictionary.count - 1);
	}
	pages->facts->data = pages->facts->offset +
			     (int64_t)(pages->out->length - began);
	if (rows->entries != NULL)
		put_unrolled(pages, chunk, rows, held.numbers, held.width);
	else
		put_values(pages, chunk, &held);
	if (chunk->column->type != PARQUET_TEXT)
		dictionary_free(&dictionary);
	free(numbers);
}

int parquet_chunk_write(struct parquet_chunk *chunk,
    const struct parquet_rows *rows, void *context, int64_t offset,
    struct buf *out, struct parquet_chunk_facts *facts)
{
	struct pages pages = {.out = out, .context = context, .facts = facts};
	size_t began = out->length, nvalues;

	if (chunk->no_memory)
		return -ENOMEM;
	nvalues = count_values(chunk, rows);
	facts->offset = offset + (int64_t)began;
	facts->nulls = (int64_t)(rows->count - nvalues);
	find_range(chunk, facts);
	put_chunk(&pages, chunk, rows, nvalues);
	facts->size = (int64_t)(out->length - began);
	pages.failed |= out->failed || facts->least.failed ||
			facts->greatest.failed;
	buf_free(&pages.plain);
	parquet_chunk_free(chunk);
	return pages.failed ? -ENOMEM : 0;
}
