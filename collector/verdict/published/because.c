/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/because.h"

#include <stdarg.h>
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

/* Write all of them in one line, and note where each is. */
static void join(struct network_verdict *verdict,
    char sentences[NETWORK_SENTENCES][NETWORK_SENTENCE_SIZE])
{
	static const char *const marks[NETWORK_SENTENCES] = {
	    [COUNTS] = "",
	    [STOPPED] = "; ",
	    [UNSTEADY] = "; ",
	    [MISSING] = ". ",
	    [BEYOND] = ". ",
	    [HELD_BACK] = ". ",
	};
	char *at = verdict->because;
	size_t i, length;

	for (i = 0; i < NETWORK_SENTENCES; i++) {
		length = strlen(sentences[i]);
		if (length > 0)
			at = stpcpy(at, marks[i]);
		verdict->sentences[i].from = (uint16_t)(at - verdict->because);
		verdict->sentences[i].length = (uint16_t)length;
		memcpy(at, sentences[i], length);
		at += length;
	}
	*at = '\0';
}

void because_say(
    const struct because_facts *facts, struct network_verdict *verdict)
{
	char sentences[NETWORK_SENTENCES][NETWORK_SENTENCE_SIZE];

	say_counts(facts, sentences[COUNTS]);
	say_stopped(facts, sentences[STOPPED]);
	say_unsteady(facts, sentences[UNSTEADY]);
	say_missing(facts, sentences[MISSING]);
	sentences[BEYOND][0] = sentences[HELD_BACK][0] = '\0';
	join(verdict, sentences);
}

/* Say this one, too, or instead of the one that was there. */
__attribute__((format(printf, 3, 4))) static void say(
    struct network_verdict *verdict, enum sentence number, const char *format,
    ...)
{
	char sentences[NETWORK_SENTENCES][NETWORK_SENTENCE_SIZE];
	va_list args;
	size_t i;

	for (i = 0; i < NETWORK_SENTENCES; i++)
		network_sentence(verdict, i, sentences[i]);
	va_start(args, format);
	vsnprintf(sentences[number], NETWORK_SENTENCE_SIZE, format, args);
	va_end(args);
	join(verdict, sentences);
}

const char because_held_back[] = "Held back: too uncertain beside the other "
				 "verdicts";

void because_beyond(struct network_verdict *verdict, size_t networks)
{
	say(verdict, BEYOND,
	    "Not charged to this network: seen by %zu network%s behind AS%u",
	    networks, networks == 1 ? "" : "s", verdict->upstream);
}

void because_review(
    struct network_verdict *verdict, const struct review *review)
{
	if (review == NULL)
		say(verdict, HELD_BACK,
		    "Held for review: all who see it enrolled in the last %d "
		    "days",
		    MODEL_REVIEW_AGE);
	else
		say(verdict, HELD_BACK, "%s on review: %s",
		    review->is_released ? "Released" : "Rejected",
		    review->reason);
}

void because_hold_back(struct network_verdict *verdict)
{
	say(verdict, HELD_BACK, "%s", because_held_back);
}
