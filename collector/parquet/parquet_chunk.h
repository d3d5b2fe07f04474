/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_PARQUET_CHUNK_H
#define EGRESS25_COLLECTOR_PARQUET_PARQUET_CHUNK_H

/*
 * One column of one row group: its values as they come, and the pages that are
 * made of them. Doubles are held by their bits, texts by their number in the
 * chunk's dictionary, all else as it is.
 */

#include "collector/parquet/dictionary.h"
#include "collector/parquet/parquet_types.h"
#include "lib/base/buf.h"

#define PARQUET_PLAIN          0
#define PARQUET_RLE            3
#define PARQUET_RLE_DICTIONARY 8
#define PARQUET_PAGE_ROWS      16384

/* An entry is a row, or where the column is of a tuple, a tuple. */
struct parquet_chunk {
	const struct parquet_column *column;
	size_t most;     /* rows of a group */
	int64_t *values; /* that are not null; NULL: there is no entry */
	uint32_t *there; /* an entry each: 1, or 0 for null */
	size_t nentries, nvalues;
	bool is_set; /* in the entry that is being made */
	struct dictionary texts;
	uint32_t last_text; /* most values repeat the one before */
	bool no_memory;
};

/* What the footer says of a chunk that was written. Offsets are those of the
 * file. */
struct parquet_chunk_facts {
	int64_t offset;     /* of the dictionary, or else of the first page */
	int64_t data;       /* of the first page of values */
	int64_t size, full; /* of all pages: as written, without compression */
	int64_t nulls;
	bool has_dictionary;
	bool has_range; /* of the values: as PLAIN has them, without length */
	struct buf least, greatest;
};

/* Prepare for groups of `rows` at most. Memory is taken with a group's first
 * row, and given back when the group is written. */
void parquet_chunk_init(struct parquet_chunk *chunk,
    const struct parquet_column *column, size_t rows);

/* Forget the rows of the group. */
void parquet_chunk_free(struct parquet_chunk *chunk);

/* The rows of a group. */
struct parquet_rows {
	size_t count;
	const uint32_t *entries; /* a row each; NULL: an entry is a row */
};

/* Set the value of the entry that is being made; end it. What fails is kept in
 * `no_memory`. */
void parquet_chunk_put(struct parquet_chunk *chunk, int64_t value);
void parquet_chunk_put_text(
    struct parquet_chunk *chunk, const char *text, size_t length);
void parquet_chunk_end(struct parquet_chunk *chunk);

/* Append the pages of these rows to `out`, which begins at `offset` of the
 * file; then start over. `context` is a ZSTD_CCtx. 0 or -ENOMEM. The buffers in
 * `facts`, which starts zeroed, are the caller's to free. */
int parquet_chunk_write(struct parquet_chunk *chunk,
    const struct parquet_rows *rows, void *context, int64_t offset,
    struct buf *out, struct parquet_chunk_facts *facts);

#endif
