/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network.h"

#include <string.h>
#include <strings.h>

#include "lib/base/values.h"

static const char *const words[STATE_COUNT] = {
    [STATE_OPEN] = "open",
    [STATE_FILTERED] = "filtered",
    [STATE_PARTIAL] = "partial",
    [STATE_INTERCEPTED] = "intercepted",
    [STATE_INCONSISTENT] = "inconsistent",
    [STATE_INSUFFICIENT] = "insufficient",
};

const char *network_state_word(enum network_state state)
{
	return state < STATE_COUNT ? words[state] : "";
}

int network_state_from_word(const char *word)
{
	int i;

	for (i = 0; i < STATE_COUNT; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

bool network_parse_asn(const char *text, uint32_t *asn)
{
	int64_t number;

	if (strncasecmp(text, "AS", 2) == 0)
		text += 2;
	if (values_parse_count(text, 1, UINT32_MAX, &number, NULL) < 0)
		return false;
	*asn = (uint32_t)number;
	return true;
}
