/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_PARQUET_PARQUET_TYPES_H
#define EGRESS25_COLLECTOR_PARQUET_PARQUET_TYPES_H

/* Columns, and what they hold. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum parquet_type {
	PARQUET_BOOL,
	PARQUET_UINT8,
	PARQUET_UINT16,
	PARQUET_UINT32,
	PARQUET_INT32,
	PARQUET_INT64,
	PARQUET_TIME, /* milliseconds since 1970, UTC */
	PARQUET_DOUBLE,
	PARQUET_TEXT, /* UTF-8 */
};

struct parquet_column {
	const char *name;
	enum parquet_type type;
	/* Columns with the same number here, from 1 on, get their values
	 * together, and often the same ones again: parquet_tuple(). 0: alone.
	 */
	int tuple;
};

#endif
