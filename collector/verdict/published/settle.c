/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/settle.h"

/* Without any line there is nothing to weigh. */
#define FRESH_TO_OPEN     2
#define FRESH_TO_FILTERED 3

static bool is_open(const struct posterior *posterior,
    const struct decision *decision, int more)
{
	return posterior->open >= MODEL_OPEN_AT &&
	       decision->witnesses_open + more >= MODEL_OPERATORS;
}

static bool is_filtered(const struct posterior *posterior,
    const struct decision *decision, int more)
{
	return posterior->open <= MODEL_CAP &&
	       posterior->filtered >= MODEL_KEEP &&
	       decision->witnesses_blocked + more >= MODEL_WITNESSES;
}

static int count_more(const struct stories *stories,
    const struct decision *decision, const struct story_line *line,
    bool (*is_settled)(const struct posterior *posterior,
	const struct decision *decision, int more))
{
	struct stories tried = *stories;
	struct posterior posterior;
	int more;

	for (more = 1; more <= MODEL_SETTLE_MOST; more++) {
		stories_add(&tried, line, 1);
		stories_weigh(&tried, &posterior);
		if (is_settled(&posterior, decision, more))
			return more;
	}
	return 0;
}

struct settle settle_count(
    const struct stories *stories, const struct decision *decision)
{
	const double wrong = model_wrong[WHERE_PATH];
	const struct story_line open = {0, 1, 1 - wrong, MODEL_EXEMPT};
	const struct story_line blocked = {0, 1, wrong, 1 - MODEL_EXEMPT};

	if (decision->steady == 0)
		return (struct settle){FRESH_TO_OPEN, FRESH_TO_FILTERED};
	return (struct settle){
	    count_more(stories, decision, &open, is_open),
	    count_more(stories, decision, &blocked, is_filtered),
	};
}
