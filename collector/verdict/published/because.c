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

static void say_counts(const struct because_facts *facts, char *out)
{
	int blocked = facts->decision->blocked, open = facts->decision->open;

	snprintf(out, NETWORK_SENTENCE_SIZE,
	    "%d vantage point%s in %d prefix%s: %d blocked, %d open",
	    blocked + open, blocked + open == 1 ? "" : "s", facts->prefixes,
	    facts->prefixes == 1 ? "" : "es", blocked, open);
}

/* On the path, by the hops' networks where they are known. */
static void write_place(const struct because_facts *facts, char out[64])
{
	const struct stopped *stopped = &facts->stopped;
	bool on_path = facts->decision->where == WHERE_PATH;

	if (stopped->in == STOP_UPSTREAM)
		snprintf(out, 64, "beyond the network, behind AS%u",
		    stopped->upstream);
	else if (on_path && stopped->in == STOP_BORDER)
		snprintf(out, 64, "at the border of the network");
	else if (on_path && stopped->in == STOP_OWN)
		snprintf(out, 64, "inside the network");
	else
		snprintf(out, 64, "%s", places[facts->decision->where]);
}

static void say_stopped(const struct because_facts *facts, char *out)
{
	char place[64];

	out[0] = '\0';
	if (facts->decision->blocked == 0)
		return;
	write_place(facts, place);
	snprintf(out, NETWORK_SENTENCE_SIZE, "stopped %s (%s)", place,
	    mechanism_word(facts->mechanism));
}

static void say_unsteady(const struct because_facts *facts, char *out)
{
	const struct vote_hours *hours = &facts->decision->hours;
	char when[48] = "";

	out[0] = '\0';
	if (facts->decision->unsteady == 0)
		return;
	if (hours->length > 0)
		snprintf(when, sizeof(when),
		    ", mostly blocked from %d to %d h UTC", hours->first,
		    (hours->first + hours->length - 1) % VOTE_HOURS + 1);
	snprintf(out, NETWORK_SENTENCE_SIZE, "%d saw both, again and again%s",
	    facts->decision->unsteady, when);
}

static const char *write_count(char out[16], int count)
{
	if (count == 0)
		return "over 5";
	snprintf(out, 16, "%d", count);
	return out;
}

static void say_missing(const struct because_facts *facts, char *out)
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
		snprintf(out, NETWORK_SENTENCE_SIZE,
		    "Missing: a path trace that shows where it stops");
	else if (decision->blocked >= 3 && facts->blocked_prefixes == 1)
		snprintf(out, NETWORK_SENTENCE_SIZE,
		    "All of these are in one prefix: missing is one more "
		    "prefix");
	else if (decision->blocked > 0 && decision->open > 0)
		snprintf(out, NETWORK_SENTENCE_SIZE,
		    "They disagree: missing are %s more that are blocked, or "
		    "%s more that are open",
		    to_filtered, to_open);
	else if (decision->blocked > 0)
		snprintf(out, NETWORK_SENTENCE_SIZE,
		    "Missing: %s more in other prefixes", to_filtered);
	else
		snprintf(
		    out, NETWORK_SENTENCE_SIZE, "Missing: %s more", to_open);
}

/* --- all of it --- */

enum sentence { COUNTS, STOPPED, UNSTEADY, MISSING, BEYOND, HELD_BACK };

static void append(char *out, const char *mark, const char *text)
{
	size_t length = strlen(out);

	if (text[0] != '\0')
		snprintf(out + length, NETWORK_BECAUSE_SIZE - length, "%s%s",
		    mark, text);
}

static void join(struct network_verdict *verdict)
{
	static const char *const marks[NETWORK_SENTENCES] = {
	    [COUNTS] = "",
	    [STOPPED] = "; ",
	    [UNSTEADY] = "; ",
	    [MISSING] = ". ",
	    [BEYOND] = ". ",
	    [HELD_BACK] = ". ",
	};
	int i;

	verdict->because[0] = '\0';
	for (i = 0; i < NETWORK_SENTENCES; i++)
		append(verdict->because, marks[i], verdict->sentences[i]);
}

void because_say(
    const struct because_facts *facts, struct network_verdict *verdict)
{
	say_counts(facts, verdict->sentences[COUNTS]);
	say_stopped(facts, verdict->sentences[STOPPED]);
	say_unsteady(facts, verdict->sentences[UNSTEADY]);
	say_missing(facts, verdict->sentences[MISSING]);
	verdict->sentences[BEYOND][0] = '\0';
	verdict->sentences[HELD_BACK][0] = '\0';
	join(verdict);
}

const char because_held_back[] = "Held back: too uncertain beside the other "
				 "verdicts";

void because_beyond(struct network_verdict *verdict, size_t networks)
{
	snprintf(verdict->sentences[BEYOND], NETWORK_SENTENCE_SIZE,
	    "Not charged to this network: seen by %zu network%s behind AS%u",
	    networks, networks == 1 ? "" : "s", verdict->upstream);
	join(verdict);
}

void because_review(
    struct network_verdict *verdict, const struct review *review)
{
	if (review == NULL)
		snprintf(verdict->sentences[HELD_BACK], NETWORK_SENTENCE_SIZE,
		    "Held for review: all who see it enrolled in the last %d "
		    "days",
		    MODEL_REVIEW_AGE);
	else
		snprintf(verdict->sentences[HELD_BACK], NETWORK_SENTENCE_SIZE,
		    "%s on review: %s",
		    review->is_released ? "Released" : "Rejected",
		    review->reason);
	join(verdict);
}

void because_hold_back(struct network_verdict *verdict)
{
	snprintf(verdict->sentences[HELD_BACK], NETWORK_SENTENCE_SIZE, "%s",
	    because_held_back);
	join(verdict);
}
