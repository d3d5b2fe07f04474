/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_COLUMN_H
#define EGRESS25_COLLECTOR_RECORD_COLUMN_H

/*
 * The fields of a row by name. One table of columns gives the JSON keys, the
 * CSV header and its order, and reads a row back. Text is made plain (text.h)
 * where it goes out. Pure.
 */

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"
#include "lib/json/json_read.h"

enum column_type {
	COLUMN_VERSION, /* always ROW_SCHEMA_VERSION; has no field */
	COLUMN_TEXT,    /* char[size]; "" is absent */
	COLUMN_TIME,    /* int64_t, ms since 1970 */
	COLUMN_ASN,     /* uint32_t; 0 is absent */
	COLUMN_U8,      /* uint8_t */
	COLUMN_U16,     /* uint16_t */
	COLUMN_U32,     /* uint32_t */
	COLUMN_INT,     /* int; OBSERVE_ABSENT is absent */
	COLUMN_INT64,   /* int64_t; OBSERVE_ABSENT is absent */
	COLUMN_US,      /* int64_t in us, printed in ms */
	COLUMN_DOUBLE,
	COLUMN_CHANCE,  /* double, six digits; less than 0 is absent */
	COLUMN_SINCE,   /* int64_t, ms since 1970; 0 is absent */
	COLUMN_ADDRESS, /* struct addr */
	COLUMN_BOOL,    /* absent is false */
	COLUMN_LISTED,  /* bool; absent is true */
	/* Enums, printed as their words. */
	COLUMN_MODE,
	COLUMN_STAGE,
	COLUMN_FAILURE,
	COLUMN_OUTCOME,
	COLUMN_MECHANISM,
	COLUMN_WHERE,
	COLUMN_VERIFY,
	COLUMN_STATE,
	COLUMN_REACH,
	COLUMN_LEVEL,
	COLUMN_TYPES
};

struct column {
	const char *name; /* NULL ends a table */
	enum column_type type;
	size_t offset, size; /* of the field in the row's struct */
};

/* Write the field as a member of the open JSON object. */
void column_write_json(
    const struct column *column, const void *row, struct json_writer *json);

/* Append the field as in RFC 4180. Text that a spreadsheet would run as a
 * formula (a first character of = + - @, tab or CR) gets a leading '. */
void column_write_csv(
    const struct column *column, const void *row, struct buf *out);

/* Append the names of all columns, as a CSV line. */
void column_write_csv_header(const struct column *columns, struct buf *out);

/* Read the field from its member of `object`. 0, or -EINVAL with a sentence
 * that names the key. */
int column_read(const struct column *column, const struct json_at *object,
    void *row, struct err *err);

#endif
