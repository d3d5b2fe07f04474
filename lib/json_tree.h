/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_JSON_TREE_H
#define EGRESS25_LIB_JSON_TREE_H

#include <stddef.h>

/*
 * JSON as a tree in one block of memory: the nodes in the order of the text,
 * then the text itself, unescaped in place. A report has a thousand values and
 * more, and is one allocation.
 */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json_node {
	enum json_type type;
	const char *key;        /* of a member; NULL elsewhere */
	struct json_node *next; /* in the same array or object, or NULL */
	union {
		double number;
		const char *text;
		struct json_node *child; /* the first, or NULL */
	};
};

/* Build it from `length` bytes that json_scan() found good, with as many
 * values as it counted. Returns the root, which free() ends with all the
 * others; NULL: no memory. A number beyond a double is infinite. */
struct json_node *json_tree_build(
    const char *bytes, size_t length, size_t values);

#endif
