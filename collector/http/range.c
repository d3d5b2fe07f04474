/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/range.h"

#include <string.h>
#include <strings.h>

#include "lib/base/httpdate.h"

#define DIGITS "0123456789"

/* --- conditions --- */

/* If-Modified-Since counts only without If-None-Match (13.1.3). */
static bool is_known(
    const struct request *request, const struct range_file *file)
{
	const char *since = request_header(request, "If-Modified-Since");
	int64_t since_ms;

	if (request_header(request, "If-None-Match") != NULL)
		return request_has_tag(request, file->etag);
	return since != NULL && httpdate_parse(since, &since_ms) &&
	       file->modified_ms / 1000 <= since_ms / 1000;
}

/* If-Range: is what the client has of it a part of this file? A weak tag never
 * says so, and a date only if it is the same (13.1.5). */
static bool is_same(
    const struct request *request, const struct range_file *file)
{
	const char *validator = request_header(request, "If-Range");
	int64_t at_ms;

	if (validator == NULL || strcmp(validator, file->etag) == 0)
		return true;
	return httpdate_parse(validator, &at_ms) &&
	       at_ms / 1000 == file->modified_ms / 1000;
}

/* --- Range --- */

/* Read a number; of one that is too large the greatest. False: there is none.
 */
static bool read_number(const char **at, int64_t *number)
{
	size_t length = strspn(*at, DIGITS);

	*number = 0;
	for (; length > 0 && **at >= '0' && **at <= '9'; ++*at)
		*number = *number > INT64_MAX / 10 - 1
			      ? INT64_MAX
			      : *number * 10 + (**at - '0');
	return length > 0;
}

/* "first-last", "first-" or "-length" (14.1.2). RANGE_WHOLE: it is none of
 * them, and is as if it were not there. */
static enum range_choice read_range(
    const char *at, int64_t bytes, int64_t *first, int64_t *length)
{
	int64_t from, to;
	bool has_from = read_number(&at, &from), has_to;

	if (*at++ != '-')
		return RANGE_WHOLE;
	has_to = read_number(&at, &to);
	if (*at != '\0' || (!has_from && !has_to) ||
	    (has_from && has_to && to < from))
		return RANGE_WHOLE;
	if (!has_from) {
		from = to == 0 ? bytes : to < bytes ? bytes - to : 0;
		has_to = false;
	}
	if (from >= bytes)
		return RANGE_NONE;
	if (!has_to || to >= bytes)
		to = bytes - 1;
	*first = from;
	*length = to - from + 1;
	return RANGE_PART;
}

/* The range without blanks, if it is one of bytes; several are not. */
static const char *take_bytes(struct buf *ranges)
{
	char *at, *to;

	if (ranges->failed || ranges->length < 6 ||
	    strncasecmp(ranges->data, "bytes=", 6) != 0 ||
	    strchr(ranges->data, ',') != NULL)
		return "";
	for (at = to = ranges->data + 6; *at != '\0'; at++)
		if (*at != ' ' && *at != '\t')
			*to++ = *at;
	*to = '\0';
	return ranges->data + 6;
}

enum range_choice range_choose(const struct request *request,
    const struct range_file *file, int64_t *first, int64_t *length)
{
	enum range_choice choice = RANGE_WHOLE;
	struct buf ranges = {0};

	*first = *length = 0;
	if (is_known(request, file))
		return RANGE_KNOWN;
	if (request->method == METHOD_GET)
		request_join_header(request, "Range", &ranges);
	if (ranges.length > 0 && is_same(request, file))
		choice = read_range(
		    take_bytes(&ranges), file->bytes, first, length);
	buf_free(&ranges);
	if (choice == RANGE_WHOLE)
		*length = file->bytes;
	return choice;
}
