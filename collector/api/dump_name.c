/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/api/dump_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_number(const char *text, size_t digits, int least, int most)
{
	char number[8];

	if (strspn(text, DIGITS) < digits)
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	return atoi(number) >= least && atoi(number) <= most;
}

static bool is_day(const char *text)
{
	size_t length = strlen(text);

	if (!is_number(text, 2, 1, 31))
		return false;
	return length == 2 ||
	       (length > 3 && length < 7 && text[2] == '.' && text[3] != '0' &&
		   strspn(text + 3, DIGITS) == length - 3 &&
		   strcmp(text + 3, "1") != 0);
}

/* Nothing hidden, nothing that is being made, no other folder. */
static bool is_file(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < sizeof(((struct dump_name *)0)->file) &&
	       text[0] != '.' && strspn(text, LETTERS DIGITS "._-") == length &&
	       (length < 4 || strcmp(text + length - 4, ".new") != 0);
}

enum dump_depth dump_name_depth(const struct dump_name *name)
{
	if (name->file[0] != '\0')
		return DUMP_FILE;
	if (name->day[0] != '\0')
		return DUMP_DAY;
	if (name->month[0] != '\0')
		return DUMP_MONTH;
	return name->year[0] != '\0' ? DUMP_YEAR : DUMP_ALL;
}

static bool copy(char *to, size_t size, const char *text, bool is_right)
{
	if (!is_right)
		return false;
	snprintf(to, size, "%s", text);
	return true;
}

bool dump_name_set(
    struct dump_name *name, enum dump_depth depth, const char *text)
{
	switch (depth) {
	case DUMP_YEAR:
		return copy(name->year, sizeof(name->year), text,
		    strlen(text) == 4 && is_number(text, 4, 1970, 9999));
	case DUMP_MONTH:
		return copy(name->month, sizeof(name->month), text,
		    strlen(text) == 2 && is_number(text, 2, 1, 12));
	case DUMP_DAY:
		return copy(name->day, sizeof(name->day), text, is_day(text));
	case DUMP_FILE:
		return copy(
		    name->file, sizeof(name->file), text, is_file(text));
	default:
		return false;
	}
}

int dump_name_version(const struct dump_name *name)
{
	return strlen(name->day) > 3 ? atoi(name->day + 3) : 1;
}

const char *dump_name_path(
    const struct dump_name *name, char path[DUMP_NAME_PATH])
{
	const char *const parts[] = {name->year, name->month, name->day};
	size_t i, used = 0;

	path[0] = '\0';
	for (i = 0; i < 3 && parts[i][0] != '\0'; i++)
		used += (size_t)snprintf(
		    path + used, DUMP_NAME_PATH - used, "%s/", parts[i]);
	snprintf(path + used, DUMP_NAME_PATH - used, "%s", name->file);
	return path;
}

int dump_name_compare(const void *a, const void *b)
{
	const struct dump_name *one = a, *other = b;
	int difference = strcmp(one->year, other->year);

	if (difference == 0)
		difference = strcmp(one->month, other->month);
	if (difference == 0)
		difference = strncmp(one->day, other->day, 2);
	if (difference == 0)
		difference = dump_name_version(one) - dump_name_version(other);
	return difference != 0 ? difference : strcmp(one->file, other->file);
}
