/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "collector/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Whatever a query string is, it is understood or refused with a field. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct query_error error = {"", ""};
	struct query query;
	char *text = malloc(length + 1);

	if (text == NULL)
		return 0;
	memcpy(text, bytes, length);
	text[length] = '\0';
	if (query_parse(text, 0x7ff, &query, &error) < 0 &&
	    error.message[0] == '\0')
		abort();
	free(text);
	return 0;
}
