/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/rfc3339.h"
#include "lib/base/text.h"
#include "lib/json/json_scan.h"

#define QUOTED_SIZE  64 /* of a wrong value, in an error */
#define PLACE_SIZE   200
#define FEW_MEMBERS  16
#define TIME_SIZE    128
#define WORD_SIZE    64                    /* no word is as long */
#define BEYOND_INT64 9223372036854775808.0 /* 2^63 */

static size_t append_place(const struct json_at *at, char *out, size_t size)
{
	char key[QUOTED_SIZE];
	size_t length;
	int added;

	if (at->parent == NULL)
		return 0;
	length = append_place(at->parent, out, size);
	if (at->key == NULL) {
		added = snprintf(
		    out + length, size - length, "[%zu]", at->index);
	} else {
		text_copy_printable(key, sizeof(key), at->key, strlen(at->key));
		added = snprintf(out + length, size - length, "%s%s",
		    length > 0 ? "." : "", key);
	}
	length += (size_t)added;
	return length < size ? length : size - 1;
}

int json_error(
    const struct json_at *at, struct err *err, const char *format, ...)
{
	char place[PLACE_SIZE] = "";
	char sentence[300];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	append_place(at, place, sizeof(place));
	return err_input(
	    err, "%s%s%s", place, *place != '\0' ? ": " : "", sentence);
}

static int compare_keys(const void *a, const void *b)
{
	return json_value_compare(*(const struct json_value *const *)a,
	    *(const struct json_value *const *)b);
}

static bool same_key(const struct json_value *a, const struct json_value *b)
{
	if (a->escaped || b->escaped)
		return json_value_compare(a, b) == 0;
	return a->length == b->length && a->at[0] == b->at[0] &&
	       memcmp(a->at, b->at, a->length) == 0;
}

static const struct json_value *twice_in_few(
    const struct json_value *const *keys, size_t count)
{
	size_t i, k;

	for (i = 1; i < count; i++)
		for (k = 0; k < i; k++)
			if (same_key(keys[i], keys[k]))
				return keys[i];
	return NULL;
}

static const struct json_value *twice_in_many(
    const struct json_value **keys, size_t count)
{
	size_t i;

	qsort(keys, count, sizeof(*keys), compare_keys);
	for (i = 1; i < count; i++)
		if (same_key(keys[i - 1], keys[i]))
			return keys[i];
	return NULL;
}

/* A key that occurs twice in an object of at most JSON_MEMBERS_MAX members, or
 * NULL. */
static const struct json_value *find_twice(const struct json_value *object)
{
	const struct json_value *keys[JSON_MEMBERS_MAX], *key = object + 1;
	size_t i;

	for (i = 0; i < object->length; i++, key += 1 + key[1].span)
		keys[i] = key;
	return object->length <= FEW_MEMBERS
		   ? twice_in_few(keys, object->length)
		   : twice_in_many(keys, object->length);
}

/* json_error() for `value`, which is `at` or somewhere below it. */
static int error_below(const struct json_at *at, const struct json_value *value,
    const char *sentence, struct err *err)
{
	struct json_at child = {.parent = at, .value = at->value + 1};
	char key[QUOTED_SIZE];

	if (at->value == value)
		return json_error(at, err, "%s", sentence);
	for (;; child.value += child.value->span, child.index++) {
		if (at->value->type == JSON_OBJECT) {
			json_value_copy(child.value++, key, sizeof(key));
			child.key = key;
		}
		if (value < child.value + child.value->span)
			return error_below(&child, value, sentence, err);
	}
}

static int check_keys(const struct json_value *root, struct err *err)
{
	const struct json_at at = {.value = root};
	const struct json_value *value, *twice;
	char key[QUOTED_SIZE], sentence[QUOTED_SIZE + 32];

	if (!json_value_doubts(root))
		return 0;
	for (value = root; value < root + root->span; value++) {
		if (value->type != JSON_OBJECT || !json_value_doubts(value))
			continue;
		twice = NULL;
		if (value->length > JSON_MEMBERS_MAX) {
			snprintf(sentence, sizeof(sentence),
			    "an object with more than %d members",
			    JSON_MEMBERS_MAX);
		} else {
			twice = find_twice(value);
			if (twice == NULL)
				continue;
			json_value_copy(twice, key, sizeof(key));
			text_copy_printable(key, sizeof(key), key, strlen(key));
			snprintf(sentence, sizeof(sentence),
			    "the key \"%s\" stands twice", key);
		}
		return error_below(&at, value, sentence, err);
	}
	return 0;
}

int json_parse(
    const char *bytes, size_t length, struct json_value **root, struct err *err)
{
	int rc = json_scan(bytes, length, root, err);

	if (rc == 0)
		rc = check_keys(*root, err);
	if (rc != 0) {
		json_free(*root);
		*root = NULL;
	}
	return rc;
}

void json_free(struct json_value *root)
{
	free(root);
}

static bool is_of(const struct json_at *at, enum json_type type)
{
	return at->value != NULL && at->value->type == type;
}

/* Most keys are other ones, and most of these have another length. */
static bool is_key(
    const struct json_value *key, const char *name, size_t length)
{
	if (key->escaped)
		return json_value_is(key, name);
	return key->length == length && memcmp(key->at, name, length) == 0;
}

/* Find a key from `key` on, up to `end`; or NULL. */
static const struct json_value *find_key(const struct json_value *key,
    const struct json_value *end, const char *name, size_t length)
{
	while (key < end && !is_key(key, name, length))
		key += 1 + key[1].span;
	return key < end ? key : NULL;
}

void json_member_of(const struct json_at *at, const char *key, size_t length,
    struct json_at *child)
{
	const struct json_value *first = at->value + 1;
	const struct json_value *end = at->value + at->value->span;
	const struct json_value *hint = at->next != NULL ? at->next : first;
	const struct json_value *found = find_key(hint, end, key, length);

	if (found == NULL)
		found = find_key(first, hint, key, length);
	*child = (struct json_at){.parent = at, .key = key};
	if (found == NULL)
		return;
	if (found[1].type != JSON_NULL)
		child->value = found + 1;
	/* Only a hint: `at` is otherwise unchanged. */
	((struct json_at *)at)->next = found + 1 + found[1].span;
}

bool json_is_absent(const struct json_at *at)
{
	return at->value == NULL || at->value->type == JSON_NULL;
}

static const char *type_word(const struct json_value *value)
{
	static const char *const words[] = {
	    [JSON_FALSE] = "true or false",
	    [JSON_TRUE] = "true or false",
	    [JSON_NUMBER] = "a number",
	    [JSON_TEXT] = "text",
	    [JSON_ARRAY] = "an array",
	    [JSON_OBJECT] = "an object",
	};

	return words[value->type];
}

static int wrong_type(
    const struct json_at *at, struct err *err, const char *wanted)
{
	if (json_is_absent(at))
		return json_error(at, err, "is missing");
	return json_error(
	    at, err, "must be %s, not %s", wanted, type_word(at->value));
}

static int wrong_text(
    const struct json_at *at, struct err *err, const char *wanted)
{
	char quoted[QUOTED_SIZE];

	json_value_copy(at->value, quoted, sizeof(quoted));
	text_copy_printable(quoted, sizeof(quoted), quoted, strlen(quoted));
	return json_error(at, err, "\"%s\" is no %s", quoted, wanted);
}

int json_get_object(const struct json_at *at, struct err *err)
{
	return is_of(at, JSON_OBJECT) ? 0 : wrong_type(at, err, "an object");
}

int json_get_array(
    const struct json_at *at, size_t most, size_t *count, struct err *err)
{
	if (!is_of(at, JSON_ARRAY))
		return wrong_type(at, err, "an array");
	if (at->value->length > most)
		return json_error(at, err, "has more than %zu elements", most);
	*count = at->value->length;
	return 0;
}

int json_get_text(
    const struct json_at *at, char *out, size_t size, struct err *err)
{
	if (!is_of(at, JSON_TEXT))
		return wrong_type(at, err, "text");
	if (json_value_copy(at->value, out, size) >= size)
		return json_error(
		    at, err, "is longer than %zu bytes", size - 1);
	return 0;
}

int json_get_text_or(const struct json_at *at, char *out, size_t size,
    const char *absent, struct err *err)
{
	size_t length;

	if (!json_is_absent(at))
		return json_get_text(at, out, size, err);
	length = strnlen(absent, size - 1);
	memcpy(out, absent, length);
	out[length] = '\0';
	return 0;
}

int json_get_integer(const struct json_at *at, int64_t least, int64_t most,
    int64_t *out, struct err *err)
{
	double number;

	if (!is_of(at, JSON_NUMBER))
		return wrong_type(at, err, "a whole number");
	number = json_value_number(at->value);
	if (!(number >= -BEYOND_INT64 && number < BEYOND_INT64) ||
	    (int64_t)number < least || (int64_t)number > most)
		return json_error(at, err, "%.15g is not within %lld and %lld",
		    number, (long long)least, (long long)most);
	if ((double)(int64_t)number != number)
		return json_error(at, err, "%.15g is no whole number", number);
	*out = (int64_t)number;
	return 0;
}

int json_get_integer_or(const struct json_at *at, int64_t least, int64_t most,
    int64_t absent, int64_t *out, struct err *err)
{
	if (!json_is_absent(at))
		return json_get_integer(at, least, most, out, err);
	*out = absent;
	return 0;
}

int json_get_number_or(const struct json_at *at, double least, double most,
    double absent, double *out, struct err *err)
{
	double number;

	*out = absent;
	if (json_is_absent(at))
		return 0;
	if (!is_of(at, JSON_NUMBER))
		return wrong_type(at, err, "a number");
	number = json_value_number(at->value);
	if (!(number >= least && number <= most))
		return json_error(at, err,
		    "%.15g is not within %.15g and %.15g", number, least, most);
	*out = number;
	return 0;
}

int json_get_bool_or(
    const struct json_at *at, bool absent, bool *out, struct err *err)
{
	*out = absent;
	if (json_is_absent(at))
		return 0;
	if (!is_of(at, JSON_TRUE) && !is_of(at, JSON_FALSE))
		return wrong_type(at, err, "true or false");
	*out = at->value->type == JSON_TRUE;
	return 0;
}

int json_get_time(const struct json_at *at, int64_t *wall_ms, struct err *err)
{
	char text[TIME_SIZE];

	if (!is_of(at, JSON_TEXT))
		return wrong_type(at, err, "a time as text");
	if (json_value_copy(at->value, text, sizeof(text)) >= sizeof(text) ||
	    !rfc3339_parse(text, wall_ms))
		return wrong_text(at, err, "RFC 3339 time");
	return 0;
}

int json_get_address_or_absent(
    const struct json_at *at, struct addr *out, struct err *err)
{
	char text[ADDR_TEXT_SIZE];

	memset(out, 0, sizeof(*out));
	if (json_is_absent(at))
		return 0;
	if (!is_of(at, JSON_TEXT))
		return wrong_type(at, err, "an address as text");
	if (json_value_copy(at->value, text, sizeof(text)) >= sizeof(text) ||
	    !addr_parse(out, text))
		return wrong_text(at, err, "IP address");
	return 0;
}

int json_get_word(const struct json_at *at, json_from_word *from_word, int *out,
    struct err *err)
{
	char word[WORD_SIZE];
	int found;

	if (!is_of(at, JSON_TEXT))
		return wrong_type(at, err, "text");
	json_value_copy(at->value, word, sizeof(word));
	found = from_word(word);
	if (found < 0)
		return wrong_text(at, err, "word that is known here");
	*out = found;
	return 0;
}

int json_get_word_or(const struct json_at *at, json_from_word *from_word,
    int absent, int *out, struct err *err)
{
	if (!json_is_absent(at))
		return json_get_word(at, from_word, out, err);
	*out = absent;
	return 0;
}

bool json_first(const struct json_at *array, struct json_at *child)
{
	*child = (struct json_at){.parent = array};
	if (is_of(array, JSON_ARRAY) && array->value->length > 0)
		child->value = array->value + 1;
	return child->value != NULL;
}

bool json_next(struct json_at *child)
{
	const struct json_value *array = child->parent->value;

	child->value += child->value->span;
	if (child->value == array + array->span)
		child->value = NULL;
	child->index++;
	child->next = NULL;
	return child->value != NULL;
}
