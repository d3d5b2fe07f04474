/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_COLUMN_TYPE_H
#define EGRESS25_COLLECTOR_RECORD_COLUMN_TYPE_H

/* What a column of a table is. */

#include <stddef.h>

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
	COLUMN_REPORT,  /* char[size], an id "REPORT:N": the report's */
	COLUMN_SIGNS,   /* unsigned; 0 is absent; words with blanks between */
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
	COLUMN_STOP,
	COLUMN_KIND, /* of an annotation */
	COLUMN_TYPES
};

struct column {
	const char *name; /* NULL ends a table */
	enum column_type type;
	size_t offset, size; /* of the field in the row's struct */
};

#endif
