/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network_words.h"

#include <string.h>

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

static const char *const stops[STOP_COUNT] = {
    [STOP_NONE] = "",
    [STOP_OWN] = "own",
    [STOP_BORDER] = "border",
    [STOP_UPSTREAM] = "upstream",
    [STOP_UNKNOWN] = "unknown",
};

const char *network_stop_word(enum network_stop stop)
{
	return stop < STOP_COUNT ? stops[stop] : "";
}

int network_stop_from_word(const char *word)
{
	int i;

	for (i = STOP_NONE + 1; i < STOP_COUNT; i++)
		if (strcmp(stops[i], word) == 0)
			return i;
	return -1;
}

static const char *const kinds[ANNOTATION_KINDS] = {
    [ANNOTATION_REPLY] = "reply",
    [ANNOTATION_OBJECTION] = "objection",
    [ANNOTATION_REMARK] = "remark",
};

const char *annotation_kind_word(enum annotation_kind kind)
{
	return kind < ANNOTATION_KINDS ? kinds[kind] : "";
}

int annotation_kind_from_word(const char *word)
{
	int i;

	for (i = 0; i < ANNOTATION_KINDS; i++)
		if (strcmp(kinds[i], word) == 0)
			return i;
	return -1;
}
