/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/parquet/parquet_footer.h"

#include "collector/parquet/thrift.h"

#define VERSION    2
#define OPTIONAL   1
#define CODEC_ZSTD 6

/* parquet.thrift: Type, ConvertedType and the logical INTEGER of each type. */
static const struct type_words {
	int8_t type, converted; /* converted -1: none */
	int8_t bits;            /* of a logical INTEGER; 0: it is none */
	bool is_signed;
} types[] = {
    [PARQUET_BOOL] = {0, -1, 0, false},
    [PARQUET_UINT8] = {1, 11, 8, false},
    [PARQUET_UINT16] = {1, 12, 16, false},
    [PARQUET_UINT32] = {1, 13, 32, false},
    [PARQUET_INT32] = {1, -1, 0, false},
    [PARQUET_INT64] = {2, -1, 0, false},
    [PARQUET_TIME] = {2, 9, 0, false},
    [PARQUET_DOUBLE] = {5, -1, 0, false},
    [PARQUET_TEXT] = {6, 0, 0, false},
};

static void put_empty(struct thrift *thrift, int16_t id)
{
	thrift_begin(thrift, id);
	thrift_end(thrift);
}

static void put_logical(struct thrift *thrift, enum parquet_type type)
{
	if (type != PARQUET_TEXT && type != PARQUET_TIME &&
	    types[type].bits == 0)
		return;
	thrift_begin(thrift, 10);
	if (type == PARQUET_TEXT) {
		put_empty(thrift, 1);
	} else if (type == PARQUET_TIME) {
		thrift_begin(thrift, 8);
		thrift_bool(thrift, 1, true); /* UTC */
		thrift_begin(thrift, 2);
		put_empty(thrift, 1); /* milliseconds */
		thrift_end(thrift);
		thrift_end(thrift);
	} else {
		thrift_begin(thrift, 10);
		thrift_byte(thrift, 1, types[type].bits);
		thrift_bool(thrift, 2, types[type].is_signed);
		thrift_end(thrift);
	}
	thrift_end(thrift);
}

static void put_schema(struct thrift *thrift, const struct parquet_facts *facts)
{
	size_t i;

	thrift_list(thrift, 2, THRIFT_STRUCT, facts->ncolumns + 1);
	thrift_begin_element(thrift);
	thrift_text(thrift, 4, "schema");
	thrift_i32(thrift, 5, (int32_t)facts->ncolumns);
	thrift_end(thrift);
	for (i = 0; i < facts->ncolumns; i++) {
		const struct parquet_column *column = &facts->columns[i];

		thrift_begin_element(thrift);
		thrift_i32(thrift, 1, types[column->type].type);
		thrift_i32(thrift, 3, OPTIONAL);
		thrift_text(thrift, 4, column->name);
		if (types[column->type].converted >= 0)
			thrift_i32(thrift, 6, types[column->type].converted);
		put_logical(thrift, column->type);
		thrift_end(thrift);
	}
}

static void put_statistics(
    struct thrift *thrift, const struct parquet_chunk_facts *chunk)
{
	thrift_begin(thrift, 12);
	thrift_i64(thrift, 3, chunk->nulls);
	if (chunk->has_range) {
		thrift_binary(
		    thrift, 5, chunk->greatest.data, chunk->greatest.length);
		thrift_binary(
		    thrift, 6, chunk->least.data, chunk->least.length);
	}
	thrift_end(thrift);
}

static void put_chunk(struct thrift *thrift,
    const struct parquet_column *column,
    const struct parquet_chunk_facts *chunk, int64_t rows)
{
	thrift_begin_element(thrift);
	thrift_i64(thrift, 2, chunk->offset);
	thrift_begin(thrift, 3);
	thrift_i32(thrift, 1, types[column->type].type);
	thrift_list(thrift, 2, THRIFT_I32, chunk->has_dictionary ? 3 : 2);
	thrift_i32_element(thrift, PARQUET_PLAIN);
	thrift_i32_element(thrift, PARQUET_RLE);
	if (chunk->has_dictionary)
		thrift_i32_element(thrift, PARQUET_RLE_DICTIONARY);
	thrift_list(thrift, 3, THRIFT_BINARY, 1);
	thrift_text_element(thrift, column->name);
	thrift_i32(thrift, 4, CODEC_ZSTD);
	thrift_i64(thrift, 5, rows);
	thrift_i64(thrift, 6, chunk->full);
	thrift_i64(thrift, 7, chunk->size);
	thrift_i64(thrift, 9, chunk->data);
	if (chunk->has_dictionary)
		thrift_i64(thrift, 11, chunk->offset);
	put_statistics(thrift, chunk);
	thrift_end(thrift);
	thrift_end(thrift);
}

static void put_group(struct thrift *thrift, const struct parquet_facts *facts,
    const struct parquet_group *group)
{
	int64_t full = 0;
	size_t i;

	thrift_begin_element(thrift);
	thrift_list(thrift, 1, THRIFT_STRUCT, facts->ncolumns);
	for (i = 0; i < facts->ncolumns; i++) {
		put_chunk(
		    thrift, &facts->columns[i], &group->chunks[i], group->rows);
		full += group->chunks[i].full;
	}
	thrift_i64(thrift, 2, full);
	thrift_i64(thrift, 3, group->rows);
	thrift_end(thrift);
}

/* Each column is ordered as its type says. */
static void put_orders(struct thrift *thrift, size_t count)
{
	thrift_list(thrift, 7, THRIFT_STRUCT, count);
	while (count-- > 0) {
		thrift_begin_element(thrift);
		put_empty(thrift, 1);
		thrift_end(thrift);
	}
}

void parquet_footer_put(const struct parquet_facts *facts, struct buf *out)
{
	struct thrift thrift = {.out = out};
	size_t i, began = out->length, length;

	thrift_i32(&thrift, 1, VERSION);
	put_schema(&thrift, facts);
	thrift_i64(&thrift, 3, facts->rows);
	thrift_list(&thrift, 4, THRIFT_STRUCT, facts->ngroups);
	for (i = 0; i < facts->ngroups; i++)
		put_group(&thrift, facts, &facts->groups[i]);
	thrift_text(&thrift, 6, "egress25 version " EGRESS25_VERSION);
	put_orders(&thrift, facts->ncolumns);
	thrift_end(&thrift);
	length = out->length - began;
	for (i = 0; i < 4; i++)
		buf_append_char(out, (char)(length >> 8 * i));
	buf_append_text(out, "PAR1");
}
