/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json_tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_EXACT 15 /* decimal digits that a double always holds */

/* The text was found good: nothing is checked again. */
struct builder {
	char *at;
	struct json_node *unused;
};

static struct json_node *build_value(struct builder *builder, const char *key);

static char skip_blanks(struct builder *builder)
{
	while (*builder->at == ' ' || *builder->at == '\n' ||
	       *builder->at == '\t' || *builder->at == '\r')
		builder->at++;
	return *builder->at;
}

static unsigned read_hex4(const char *digits)
{
	unsigned code = 0;
	int i;
	char c;

	for (i = 0; i < 4; i++) {
		c = digits[i];
		code = code << 4 |
		       (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return code;
}

static char *write_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		*out++ = (char)code;
		return out;
	}
	if (code < 0x800) {
		*out++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*out++ = (char)(0xe0 | code >> 12);
		} else {
			*out++ = (char)(0xf0 | code >> 18);
			*out++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (code & 0x3f));
	return out;
}

/* Behind "\u"; a surrogate is followed by its other half. What is written is
 * never longer than what was read. */
static char *unescape_unicode(struct builder *builder, char *out)
{
	unsigned code = read_hex4(builder->at);

	builder->at += 4;
	if (code >= 0xd800 && code <= 0xdfff) {
		code = 0x10000 + ((code & 0x3ff) << 10 |
				     (read_hex4(builder->at + 2) & 0x3ff));
		builder->at += 6;
	}
	return write_utf8(out, code);
}

static char *unescape(struct builder *builder, char *out)
{
	static const char letters[] = "bfnrt";
	static const char bytes[] = "\b\f\n\r\t";
	char c = *builder->at++;
	const char *found;

	if (c == 'u')
		return unescape_unicode(builder, out);
	found = strchr(letters, c);
	*out++ = found != NULL ? bytes[found - letters] : c;
	return out;
}

static const char *build_text(struct builder *builder)
{
	char *began = ++builder->at, *out;

	while (*builder->at != '"' && *builder->at != '\\')
		builder->at++;
	out = builder->at;
	while (*builder->at != '"') {
		if (*builder->at == '\\') {
			builder->at++;
			out = unescape(builder, out);
		} else {
			*out++ = *builder->at++;
		}
	}
	builder->at++;
	*out = '\0';
	return began;
}

/* Few digits and no exponent, as in most: one exact division, which rounds as
 * strtod() does. Returns the number's end, or NULL where it is not so. */
static char *read_short_number(char *at, double *number)
{
	static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool negative = *at == '-', point = false;
	int digits = 0, decimals = 0;
	int64_t whole = 0;

	for (at += negative; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		if (++digits > DIGITS_EXACT)
			return NULL;
		decimals += point;
		whole = whole * 10 + (*at - '0');
	}
	*number = (double)whole / powers[decimals];
	if (negative)
		*number = -*number;
	return *at == 'e' || *at == 'E' ? NULL : at;
}

static double build_number(struct builder *builder)
{
	double number;
	char *end = read_short_number(builder->at, &number);

	if (end == NULL)
		number = strtod(builder->at, &end);
	builder->at = end;
	return number;
}

static struct json_node *build_member(struct builder *builder)
{
	const char *key;

	skip_blanks(builder);
	key = build_text(builder);
	skip_blanks(builder);
	builder->at++; /* the colon */
	return build_value(builder, key);
}

static struct json_node *build_element(struct builder *builder)
{
	return build_value(builder, NULL);
}

/* From the opening bracket to the closing one. Returns the first child. */
static struct json_node *build_inside(struct builder *builder, char close,
    struct json_node *(*build)(struct builder *builder))
{
	struct json_node *first = NULL, **next = &first;

	builder->at++;
	if (skip_blanks(builder) == close) {
		builder->at++;
		return NULL;
	}
	do {
		*next = build(builder);
		next = &(*next)->next;
	} while (skip_blanks(builder) == ',' && builder->at++);
	builder->at++;
	return first;
}

static void build_word(struct builder *builder, struct json_node *node)
{
	node->type = *builder->at == 't'   ? JSON_TRUE
		     : *builder->at == 'f' ? JSON_FALSE
					   : JSON_NULL;
	builder->at += node->type == JSON_FALSE ? 5 : 4;
}

static struct json_node *build_value(struct builder *builder, const char *key)
{
	struct json_node *node = builder->unused++;

	node->key = key;
	node->next = NULL;
	switch (skip_blanks(builder)) {
	case '{':
		node->type = JSON_OBJECT;
		node->child = build_inside(builder, '}', build_member);
		break;
	case '[':
		node->type = JSON_ARRAY;
		node->child = build_inside(builder, ']', build_element);
		break;
	case '"':
		node->type = JSON_TEXT;
		node->text = build_text(builder);
		break;
	case 't':
	case 'f':
	case 'n':
		build_word(builder, node);
		break;
	default:
		node->type = JSON_NUMBER;
		node->number = build_number(builder);
	}
	return node;
}

struct json_node *json_tree_build(
    const char *bytes, size_t length, size_t values)
{
	struct builder builder;
	struct json_node *nodes;

	nodes = malloc(values * sizeof(*nodes) + length + 1);
	if (nodes == NULL)
		return NULL;
	builder.unused = nodes;
	builder.at = (char *)(nodes + values);
	memcpy(builder.at, bytes, length);
	builder.at[length] = '\0';
	return build_value(&builder, NULL);
}
