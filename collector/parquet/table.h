/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_TABLE_H
#define EGRESS25_COLLECTOR_PARQUET_TABLE_H

/*
 * Rows as a Parquet file: the same columns as in CSV, each with its type. Words
 * are text, times are timestamps, durations are milliseconds as doubles, and
 * what is absent is null.
 *
 *	table_open(); table_add() for each row; table_finish(), or after an
 *	error table_free() alone.
 */

#include "collector/parquet/parquet.h"
#include "collector/record/column_type.h"

struct table;

/* Begin a file of rows with these columns, which are borrowed; `output` is
 * copied. 0 or -errno. */
int table_open(const struct column *columns,
    const struct parquet_output *output, struct table **table, struct err *err);

/* Add a row, which is copied. 0 or -errno. */
int table_add(struct table *table, const void *row, struct err *err);

/* Write what is left, and the end of the file. 0 or -errno. */
int table_finish(struct table *table, struct err *err);

/* NULL is allowed. */
void table_free(struct table *table);

#endif
