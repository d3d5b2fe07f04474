/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/because.h"

#include <stdio.h>
#include <string.h>

#include "lib/report/words.h"

static const char *const places[WHERE_COUNT] = {
    [WHERE_NONE] = "at a place unknown",
    [WHERE_PATH] = "inside the network or beyond",
    [WHERE_LINK] = "before the first router",
    [WHERE_NETWORK] = "in the network, at a place unknown",
    [WHERE_ACCESS] = "at the customers' own router or the provider's first one",
    [WHERE_FAR_END] = "on the reply path or by the endpoints",
};

static void say_counts(const struct because_facts *facts, char out[128])
{
	int blocked = facts->decision->blocked, open = facts->decision->open;

	snprintf(out, 128,
	    "%d vantage point%s in %d prefix%s: %d blocked, %d open",
	    blocked + open, blocked + open == 1 ? "" : "s", facts->prefixes,
	    facts->prefixes == 1 ? "" : "es", blocked, open);
}

static void say_stopped(const struct because_facts *facts, char out[128])
{
	out[0] = '\0';
	if (facts->decision->blocked > 0)
		snprintf(out, 128, "stopped %s (%s)",
		    places[facts->decision->where],
		    mechanism_word(facts->mechanism));
}

static void say_unsteady(const struct because_facts *facts, char out[128])
{
	out[0] = '\0';
	if (facts->decision->unsteady > 0)
		snprintf(out, 128, "%d saw both, again and again",
		    facts->decision->unsteady);
}

static const char *write_count(char out[16], int count)
{
	if (count == 0)
		return "over 5";
	snprintf(out, 16, "%d", count);
	return out;
}

static void say_missing(const struct because_facts *facts, char out[128])
{
	const struct decision *decision = facts->decision;
	char filtered[16], open[16];
	const char *to_filtered = write_count(
	    filtered, facts->settle.to_filtered);
	const char *to_open = write_count(open, facts->settle.to_open);

	out[0] = '\0';
	if (facts->state != STATE_INSUFFICIENT)
		return;
	if (decision->needs_trace)
		snprintf(out, 128,
		    "Missing: a path trace that shows where it stops");
	else if (decision->blocked >= 3 && facts->blocked_prefixes == 1)
		snprintf(out, 128,
		    "All of these are in one prefix: missing is one more "
		    "prefix");
	else if (decision->blocked > 0 && decision->open > 0)
		snprintf(out, 128,
		    "They disagree: missing are %s more that are blocked, or "
		    "%s more that are open",
		    to_filtered, to_open);
	else if (decision->blocked > 0)
		snprintf(out, 128, "Missing: %s more in other prefixes",
		    to_filtered);
	else
		snprintf(out, 128, "Missing: %s more", to_open);
}

void because_say(const struct because_facts *facts, struct because *because)
{
	say_counts(facts, because->counts);
	say_stopped(facts, because->stopped);
	say_unsteady(facts, because->unsteady);
	say_missing(facts, because->missing);
	because->held_back[0] = '\0';
}

void because_hold_back(struct because *because)
{
	snprintf(because->held_back, sizeof(because->held_back),
	    "Held back: too uncertain beside the other verdicts");
}

static void append(char out[BECAUSE_SIZE], const char *mark, const char *text)
{
	size_t length = strlen(out);

	if (text[0] != '\0')
		snprintf(
		    out + length, BECAUSE_SIZE - length, "%s%s", mark, text);
}

void because_join(const struct because *because, char out[BECAUSE_SIZE])
{
	out[0] = '\0';
	append(out, "", because->counts);
	append(out, "; ", because->stopped);
	append(out, "; ", because->unsteady);
	append(out, ". ", because->missing);
	append(out, ". ", because->held_back);
}
