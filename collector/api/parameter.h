/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_PARAMETER_H
#define EGRESS25_COLLECTOR_API_PARAMETER_H

/* The parameters of the API: one table, from which they are read, refused and
 * described. Pure. */

#include "collector/api/query.h"
#include "collector/api/wording.h"

enum parameter_type {
	PARAMETER_TEXT,
	PARAMETER_NUMBER,
	PARAMETER_FAMILY,
	PARAMETER_TIME
};

struct parameter {
	const char *name;
	const char *alias; /* another name that is taken, or NULL */
	enum query_parameter bit;
	enum parameter_type type;
	size_t many;         /* values of a comma list; 0: one value */
	int64_t least, most; /* of a number, or of a text's characters */
	const struct wording *wording;
	const char *preset;   /* what holds where it is not given, or NULL */
	const char *pattern;  /* of a text (ECMA-262), or NULL */
	const char *example;  /* or NULL */
	const char *expected; /* "a time like ..."; NULL: made from the rest */
	const char *meaning;
	/* Read a value into the query. False: it is none. */
	bool (*read)(const struct parameter *parameter, const char *value,
	    struct query *query);
};

/* All parameters; `name` of NULL ends them. */
extern const struct parameter parameters[];

/* The parameter of that name or alias among these bits, or NULL. */
const struct parameter *parameter_find(const char *name, unsigned allowed);

/* Append what a value has to be: "a number from 1 to 1000". */
void parameter_expected(const struct parameter *parameter, struct buf *out);

#endif
