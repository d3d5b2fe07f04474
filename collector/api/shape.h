/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_SHAPE_H
#define EGRESS25_COLLECTOR_API_SHAPE_H

/*
 * The shape of an answer: which members its JSON has, and of what type. It
 * becomes a JSON Schema, which the tests hold every answer against. Pure.
 */

#include "collector/api/wording.h"
#include "lib/json/json.h"

enum shape_type {
	SHAPE_TEXT,
	SHAPE_TIME,
	SHAPE_INTEGER,
	SHAPE_NUMBER,
	SHAPE_BOOL,
	SHAPE_WORD,     /* one of `wording` */
	SHAPE_OBJECT,   /* with the members `of` */
	SHAPE_LIST,     /* of objects with the members `of` */
	SHAPE_ROWS,     /* a list of objects with these columns */
	SHAPE_TEXTS,    /* a list of text */
	SHAPE_INTEGERS, /* a list of integers */
	SHAPE_BOOLS,
	SHAPE_ARRAYS,   /* a list of arrays of whatever, or null */
	SHAPE_COUNTS,   /* an object with a number for each of `wording` */
	SHAPE_NUMBERS,  /* an object with numbers, by any name */
	SHAPE_MAP,      /* an object of lists of text, by any name */
	SHAPE_SENTENCES /* text, or a list of text */
};

#define SHAPE_NULL   1 /* may be null */
#define SHAPE_ABSENT 2 /* may be left out */

struct shape {
	const char *name; /* of the member; NULL ends the members */
	enum shape_type type;
	unsigned flags;
	const struct shape *of;
	const struct column *columns;
	const struct wording *wording;
};

/* Write the schema of an object with these members, as a member of the open
 * object. */
void shape_write(
    struct json_writer *json, const char *key, const struct shape *members);

/* The same for a row of these columns. */
void shape_write_columns(
    struct json_writer *json, const char *key, const struct column *columns);

/* Write the members "type", "enum" and "format" of words. */
void shape_write_words(
    struct json_writer *json, const struct wording *wording, bool or_null);

#endif
