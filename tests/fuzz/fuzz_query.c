/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "collector/routes/query.h"

#define ALL 0x7ff

static bool is_right(const struct query *query)
{
	return query->limit >= 1 && query->limit <= QUERY_LIMIT_MAX &&
	       memchr(query->cursor, '\0', sizeof(query->cursor)) != NULL &&
	       query->cursor[strspn(query->cursor, "0123456789.-")] == '\0' &&
	       (query->family == 0 || query->family == 4 ||
		   query->family == 6) &&
	       (query->given & ~(unsigned)ALL) == 0 &&
	       strlen(query->country) ==
		   ((query->given & QUERY_COUNTRY) != 0 ? 2 : 0);
}

/* Whatever a query string is, it is understood or refused with a sentence. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct query_error error = {"", ""};
	struct row_filter filter;
	struct query query;
	char *text = malloc(length + 1);

	if (text == NULL)
		return 0;
	memcpy(text, bytes, length);
	text[length] = '\0';
	if (query_parse(text, ALL, &query, &error) < 0) {
		fuzz_require(error.message[0] != '\0');
	} else {
		fuzz_require(is_right(&query));
		query_to_filter(&query, &filter);
	}
	free(text);
	return 0;
}
