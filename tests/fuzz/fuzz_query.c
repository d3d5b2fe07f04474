/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "collector/api/query_parse.h"

#define CURSOR "0123456789abcdef.,-"
#define ALL    (~0u & ~(unsigned)QUERY_LAYOUT)

static bool is_right(const struct query *query)
{
	size_t i;

	for (i = 0; i < query->ncountries; i++)
		if (strlen(query->countries[i]) != 2)
			return false;
	return query->limit >= 1 && query->limit <= QUERY_LIMIT_MAX &&
	       memchr(query->cursor, '\0', sizeof(query->cursor)) != NULL &&
	       query->cursor[strspn(query->cursor, CURSOR)] == '\0' &&
	       (query->families & ~((1u << 4) | (1u << 6))) == 0 &&
	       (query->given & ~ALL) == 0 && query->nasns <= QUERY_LIST_MAX &&
	       query->nports <= QUERY_LIST_MAX &&
	       query->nkeys <= QUERY_KEYS_MAX && query->days >= 1 &&
	       (query->nasns > 0) == ((query->given & QUERY_ASN) != 0);
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
	query_init(&query);
	if (query_parse(text, ALL, &query, &error) < 0) {
		fuzz_require(error.message[0] != '\0');
	} else {
		fuzz_require(is_right(&query));
		query_to_filter(&query, &filter);
	}
	free(text);
	return 0;
}
