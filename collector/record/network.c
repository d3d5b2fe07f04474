/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network.h"

#include <errno.h>
#include <stdlib.h>
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

static const char *const reaches[REACH_COUNT] = {
    [REACH_NONE] = "",
    [REACH_NETWORK] = "network",
    [REACH_OBSERVED] = "observed",
    [REACH_BY_PREFIX] = "by-prefix",
    [REACH_BY_LINE] = "by-line",
};

const char *network_reach_word(enum network_reach reach)
{
	return reach < REACH_COUNT ? reaches[reach] : "";
}

int network_reach_from_word(const char *word)
{
	int i;

	for (i = REACH_NONE + 1; i < REACH_COUNT; i++)
		if (strcmp(reaches[i], word) == 0)
			return i;
	return -1;
}

static const char *const levels[LEVEL_COUNT] = {
    [LEVEL_NONE] = "",
    [LEVEL_THIN] = "thin",
    [LEVEL_FAIR] = "fair",
    [LEVEL_STRONG] = "strong",
};

const char *network_level_word(enum network_level level)
{
	return level < LEVEL_COUNT ? levels[level] : "";
}

int network_level_from_word(const char *word)
{
	int i;

	for (i = LEVEL_NONE + 1; i < LEVEL_COUNT; i++)
		if (strcmp(levels[i], word) == 0)
			return i;
	return -1;
}

int network_verdict_own(struct network_verdict *verdict)
{
	size_t count = verdict->nblocked_prefixes, i;
	size_t size = count * sizeof(*verdict->blocked_prefixes);
	const char **copied;
	char *text;

	for (i = 0; i < count; i++)
		size += strlen(verdict->blocked_prefixes[i]) + 1;
	copied = malloc(size > 0 ? size : 1);
	if (copied == NULL)
		return -ENOMEM;
	text = (char *)(copied + count);
	for (i = 0; i < count; i++) {
		copied[i] = strcpy(text, verdict->blocked_prefixes[i]);
		text += strlen(text) + 1;
	}
	free(verdict->blocked_prefixes);
	verdict->blocked_prefixes = copied;
	return 0;
}

void network_verdict_end(struct network_verdict *verdict)
{
	free(verdict->blocked_prefixes);
	verdict->blocked_prefixes = NULL;
	verdict->nblocked_prefixes = 0;
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
