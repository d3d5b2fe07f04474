/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/json_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/base/rfc3339.h"
#include "lib/base/text.h"
#include "lib/json/json_arena.h"
#include "lib/json/json_scan.h"

#define QUOTED_SIZE  64 /* of a wrong value, in an error */
#define PLACE_SIZE   200
#define FEW_MEMBERS  16
#define TREE_BYTES   6                     /* for a byte of text, about */
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
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *twice_in_few(const char *const *keys, size_t count)
{
	size_t i, k;

	for (i = 1; i < count; i++)
		for (k = 0; k < i; k++)
			if (*keys[i] == *keys[k] &&
			    strcmp(keys[i], keys[k]) == 0)
				return keys[i];
	return NULL;
}

static const char *twice_in_many(const char **keys, size_t count)
{
	size_t i;

	qsort(keys, count, sizeof(*keys), compare_keys);
	for (i = 1; i < count; i++)
		if (strcmp(keys[i - 1], keys[i]) == 0)
			return keys[i];
	return NULL;
}

static int check_keys(const struct json_at *at, struct err *err)
{
	const char *keys[JSON_MEMBERS_MAX], *twice;
	char quoted[QUOTED_SIZE];
	const cJSON *member;
	size_t count = 0;

	for (member = at->value->child; member; member = member->next) {
		if (count == JSON_MEMBERS_MAX)
			return json_error(at, err,
			    "an object with more than %d members",
			    JSON_MEMBERS_MAX);
		keys[count++] = member->string;
	}
	twice = count <= FEW_MEMBERS ? twice_in_few(keys, count)
				     : twice_in_many(keys, count);
	if (twice == NULL)
		return 0;
	text_copy_printable(quoted, sizeof(quoted), twice, strlen(twice));
	return json_error(at, err, "the key \"%s\" stands twice", quoted);
}

/* json_scan() has bounded the depth. */
static int check_all_keys(const struct json_at *at, struct err *err)
{
	struct json_at child = {.parent = at};
	int rc;

	if (cJSON_IsObject(at->value)) {
		rc = check_keys(at, err);
		if (rc != 0)
			return rc;
	}
	for (child.value = at->value->child; child.value != NULL;
	     child.value = child.value->next, child.index++) {
		if (child.value->child == NULL)
			continue;
		child.key = child.value->string;
		rc = check_all_keys(&child, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static cJSON *build_tree(const char *bytes, size_t length)
{
	cJSON *tree;

	if (!json_arena_begin(length * TREE_BYTES))
		return NULL;
	tree = cJSON_ParseWithLength(bytes, length);
	json_arena_end(tree);
	return tree;
}

int json_parse(
    const char *bytes, size_t length, struct cJSON **tree, struct err *err)
{
	struct json_at root = {NULL};
	int rc;

	*tree = NULL;
	rc = json_scan(bytes, length, err);
	if (rc != 0)
		return rc;
	*tree = build_tree(bytes, length);
	if (*tree == NULL)
		return err_system(err, -ENOMEM, "reading JSON");
	root.value = *tree;
	rc = check_all_keys(&root, err);
	if (rc != 0) {
		json_free(*tree);
		*tree = NULL;
	}
	return rc;
}

void json_free(struct cJSON *tree)
{
	json_arena_free(tree);
}

/* Members from `member` up to `end` (NULL: all). */
static const cJSON *find_member(
    const cJSON *member, const cJSON *end, const char *key)
{
	/* Most are told apart by their first letter. */
	while (member != end &&
	       (*member->string != *key || strcmp(member->string, key) != 0))
		member = member->next;
	return member != end ? member : NULL;
}

void json_member(
    const struct json_at *at, const char *key, struct json_at *child)
{
	const cJSON *member = NULL;

	if (cJSON_IsObject(at->value)) {
		member = find_member(at->next, NULL, key);
		if (member == NULL)
			member = find_member(at->value->child, at->next, key);
	}
	if (member != NULL) /* only a hint: what `at` is does not change */
		((struct json_at *)at)->next = member->next;
	child->parent = at;
	child->value = cJSON_IsNull(member) ? NULL : member;
	child->key = key;
	child->index = 0;
	child->next = NULL;
}

bool json_is_absent(const struct json_at *at)
{
	return at->value == NULL || cJSON_IsNull(at->value);
}

static const char *type_word(const cJSON *value)
{
	if (cJSON_IsObject(value))
		return "an object";
	if (cJSON_IsArray(value))
		return "an array";
	if (cJSON_IsString(value))
		return "text";
	return cJSON_IsNumber(value) ? "a number" : "true or false";
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
	const char *text = at->value->valuestring;
	char quoted[QUOTED_SIZE];

	text_copy_printable(quoted, sizeof(quoted), text, strlen(text));
	return json_error(at, err, "\"%s\" is no %s", quoted, wanted);
}

int json_get_object(const struct json_at *at, struct err *err)
{
	return cJSON_IsObject(at->value) ? 0 : wrong_type(at, err, "an object");
}

int json_get_array(
    const struct json_at *at, size_t most, size_t *count, struct err *err)
{
	const cJSON *element;

	if (!cJSON_IsArray(at->value))
		return wrong_type(at, err, "an array");
	*count = 0;
	for (element = at->value->child; element; element = element->next)
		if (++*count > most)
			return json_error(
			    at, err, "has more than %zu elements", most);
	return 0;
}

int json_get_text(
    const struct json_at *at, char *out, size_t size, struct err *err)
{
	size_t length;

	if (!cJSON_IsString(at->value))
		return wrong_type(at, err, "text");
	length = strlen(at->value->valuestring);
	if (length >= size)
		return json_error(
		    at, err, "is longer than %zu bytes", size - 1);
	memcpy(out, at->value->valuestring, length + 1);
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

	if (!cJSON_IsNumber(at->value))
		return wrong_type(at, err, "a whole number");
	number = at->value->valuedouble;
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
	*out = absent;
	if (json_is_absent(at))
		return 0;
	if (!cJSON_IsNumber(at->value))
		return wrong_type(at, err, "a number");
	if (!(at->value->valuedouble >= least &&
		at->value->valuedouble <= most))
		return json_error(at, err,
		    "%.15g is not within %.15g and %.15g",
		    at->value->valuedouble, least, most);
	*out = at->value->valuedouble;
	return 0;
}

int json_get_bool_or(
    const struct json_at *at, bool absent, bool *out, struct err *err)
{
	*out = absent;
	if (json_is_absent(at))
		return 0;
	if (!cJSON_IsBool(at->value))
		return wrong_type(at, err, "true or false");
	*out = cJSON_IsTrue(at->value);
	return 0;
}

int json_get_time(const struct json_at *at, int64_t *wall_ms, struct err *err)
{
	if (!cJSON_IsString(at->value))
		return wrong_type(at, err, "a time as text");
	if (!rfc3339_parse(at->value->valuestring, wall_ms))
		return wrong_text(at, err, "RFC 3339 time");
	return 0;
}

int json_get_address_or_absent(
    const struct json_at *at, struct addr *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (json_is_absent(at))
		return 0;
	if (!cJSON_IsString(at->value))
		return wrong_type(at, err, "an address as text");
	if (!addr_parse(out, at->value->valuestring))
		return wrong_text(at, err, "IP address");
	return 0;
}

int json_get_word(const struct json_at *at, json_from_word *from_word, int *out,
    struct err *err)
{
	int found;

	if (!cJSON_IsString(at->value))
		return wrong_type(at, err, "text");
	found = from_word(at->value->valuestring);
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
	child->parent = array;
	child->value = cJSON_IsArray(array->value) ? array->value->child : NULL;
	child->key = NULL;
	child->index = 0;
	child->next = NULL;
	return child->value != NULL;
}

bool json_next(struct json_at *child)
{
	child->value = child->value->next;
	child->index++;
	child->next = NULL;
	return child->value != NULL;
}
