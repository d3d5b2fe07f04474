/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_PARQUET_H
#define EGRESS25_COLLECTOR_PARQUET_PARQUET_H

/*
 * Writes a Parquet file (parquet-format 2, read by DuckDB, Arrow, Spark): flat
 * columns, each value may be null. Values that repeat are numbered by a
 * dictionary, pages are compressed with zstd, each column of each row group
 * has its least and greatest value. The rows of a row group are held in memory
 * until it is written, and between two groups nothing but what the footer will
 * say; the file is written from front to end and may be a pipe.
 *
 *	parquet_open(); for each row: a value a column, parquet_end_row();
 *	parquet_finish(), or after an error parquet_free() alone.
 */

#include "collector/parquet/parquet_types.h"
#include "lib/base/err.h"

#define PARQUET_GROUP_ROWS  131072
#define PARQUET_COLUMNS_MAX 64
#define PARQUET_TUPLES_MAX  2

/* Takes what is written. 0, or -errno, which ends the writing. */
typedef int parquet_sink(void *arg, const void *bytes, size_t length);

/* Where a file goes, and how. */
struct parquet_output {
	parquet_sink *sink;
	void *arg;
	size_t group_rows; /* of a row group; 0: PARQUET_GROUP_ROWS */
};

struct parquet;

/* Begin a file of these columns, which are borrowed until the end; `output` is
 * copied, and its sink is called from this function and those below. 0 or
 * -errno. */
int parquet_open(const struct parquet_column *columns, size_t count,
    const struct parquet_output *output, struct parquet **parquet,
    struct err *err);

/* Set a column's value in the row that is being made; what is not set is null.
 * parquet_number() is for all types but doubles and texts. */
void parquet_number(struct parquet *parquet, size_t column, int64_t value);
void parquet_double(struct parquet *parquet, size_t column, double value);
void parquet_text(
    struct parquet *parquet, size_t column, const char *text, size_t length);

/* What is set of the tuple's columns is their value in this row: set them all
 * before, and call one of these two, for each tuple of each row. The number
 * that is returned stands for the same values in later rows of the group, which
 * is cheaper than to set them again. */
uint32_t parquet_tuple(struct parquet *parquet, int tuple);
void parquet_again(struct parquet *parquet, int tuple, uint32_t number);

/* The row that is being made is the first of its group. */
bool parquet_is_new_group(const struct parquet *parquet);

/* End a row, and write the group if it is full. 0 or -errno. */
int parquet_end_row(struct parquet *parquet, struct err *err);

/* Write what is left, and the footer. 0 or -errno. */
int parquet_finish(struct parquet *parquet, struct err *err);

/* NULL is allowed. */
void parquet_free(struct parquet *parquet);

#endif
