/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/row_cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/values.h"

#define LONGEST 36                 /* of a report's name */
#define AT_MOST (INT64_C(1) << 60) /* so that times can be added */

/* The text until the next point, which is skipped. */
static bool take_name(const char **at, char name[LONGEST + 1])
{
	size_t length = strcspn(*at, ".");

	if ((*at)[length] != '.' || length > LONGEST)
		return false;
	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length + 1;
	return true;
}

static bool read_report(
    const char *name, bool by_report, uint8_t report[ROW_UUID_BYTES])
{
	if (by_report)
		return row_uuid_pack(name, report);
	return strlen(name) == 2 * (size_t)ROW_UUID_BYTES &&
	       hex_decode(name, report, ROW_UUID_BYTES);
}

bool row_cursor_read(
    const char **text, char end, bool by_report, struct row_cursor *cursor)
{
	const char *at = *text;
	struct row_cursor read = {.at_ms = 0};
	char name[LONGEST + 1];
	int64_t n;

	if (!values_read_number(&at, '.', -AT_MOST, AT_MOST, &read.at_ms) ||
	    !take_name(&at, name) ||
	    !read_report(name, by_report, read.report) ||
	    !values_read_number(&at, end, 0, UINT32_MAX, &n))
		return false;
	read.n = (uint32_t)n;
	*cursor = read;
	*text = at;
	return true;
}

void row_cursor_add(
    char text[ROW_CURSOR_SIZE], bool by_report, const struct row_cursor *cursor)
{
	size_t length = strlen(text);
	char name[LONGEST + 1];

	if (by_report)
		row_uuid_print(cursor->report, name);
	else
		hex_encode(cursor->report, ROW_UUID_BYTES, name);
	snprintf(text + length, ROW_CURSOR_SIZE - length,
	    "%" PRId64 ".%s.%" PRIu32, cursor->at_ms, name, cursor->n);
}
