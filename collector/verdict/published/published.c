/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/published.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/since.h"
#include "lib/report/words.h"

static const char *const reaches[REACH_COUNT] = {
    [REACH_NONE] = "",
    [REACH_NETWORK] = "network",
    [REACH_OBSERVED] = "observed",
    [REACH_BY_PREFIX] = "by-prefix",
    [REACH_BY_LINE] = "by-line",
};

static const char *const levels[LEVEL_COUNT] = {
    [LEVEL_NONE] = "",
    [LEVEL_THIN] = "thin",
    [LEVEL_FAIR] = "fair",
    [LEVEL_STRONG] = "strong",
};

const char *published_reach_word(enum published_reach reach)
{
	return reach < REACH_COUNT ? reaches[reach] : "";
}

const char *published_level_word(enum published_level level)
{
	return level < LEVEL_COUNT ? levels[level] : "";
}

/* --- of the rows --- */

static int count_rows(
    const struct evidence *evidence, struct published *published)
{
	bool *seen = calloc(evidence->endpoints.count + (size_t)1, 1);
	size_t i;

	if (seen == NULL)
		return -ENOMEM;
	for (i = 0; i < evidence->nrows; i++)
		if (i == 0 || evidence->rows[i].last_ms > published->last_ms)
			published->last_ms = evidence->rows[i].last_ms;
	for (i = 0; i < evidence->ncells; i++) {
		const struct evidence_cell *cell = &evidence->cells[i];

		published->probes += cell->good + cell->bad;
		published->endpoints += !seen[cell->endpoint];
		seen[cell->endpoint] = true;
	}
	free(seen);
	return 0;
}

/* --- of the votes --- */

struct prefix_votes {
	int blocked, open;
};

static int count_prefixes(
    const struct replay *replay, struct published *published, int *with_blocked)
{
	const struct names *names = &replay->evidence->prefixes;
	struct prefix_votes *votes = calloc(
	    names->count + (size_t)1, sizeof(*votes));
	uint32_t i;
	int j;

	*with_blocked = 0;
	published->blocked_prefixes = calloc(
	    names->count + (size_t)1, sizeof(*published->blocked_prefixes));
	if (votes == NULL || published->blocked_prefixes == NULL) {
		free(votes);
		return -ENOMEM;
	}
	for (j = 0; j < replay->decision.steady; j++) {
		const struct vote *vote = &replay->room.votes[j];

		votes[vote->prefix].blocked += vote_is_blocked(vote);
		votes[vote->prefix].open += vote_is_open(vote);
	}
	for (i = 0; i < names->count; i++) {
		published->prefixes += votes[i].blocked + votes[i].open > 0;
		*with_blocked += votes[i].blocked > 0;
		if (votes[i].blocked > 0 && votes[i].open == 0)
			published
			    ->blocked_prefixes[published->nblocked_prefixes++] =
			    names_text(names, i);
	}
	free(votes);
	return 0;
}

/* The most frequent of these lines' mechanisms; of equal ones the lesser word.
 */
static enum mechanism most_frequent(
    const struct replay *replay, bool (*counts)(const struct vote *vote))
{
	int lines[MECHANISM_COUNT + 1] = {0}, i, most = -1;

	for (i = 0; i < replay->decision.steady; i++)
		if (counts(&replay->room.votes[i]))
			lines[replay->room.votes[i].mechanism]++;
	for (i = 0; i <= MECHANISM_COUNT; i++)
		if (lines[i] > 0 &&
		    (most < 0 || lines[i] > lines[most] ||
			(lines[i] == lines[most] &&
			    strcmp(mechanism_word((enum mechanism)i),
				mechanism_word((enum mechanism)most)) < 0)))
			most = i;
	return most < 0 ? MECHANISM_COUNT : (enum mechanism)most;
}

/* The votes that say what is published; NULL: none do. */
typedef bool side_of_votes(const struct vote *vote);

static side_of_votes *side_of(enum network_state state)
{
	if (state == STATE_OPEN)
		return vote_is_open;
	return decision_accuses(state) ? vote_is_blocked : NULL;
}

static int find_since(const struct replay *replay, side_of_votes *side,
    struct published *published)
{
	size_t steady = (size_t)replay->decision.steady;
	int64_t *times = malloc((steady + 1) * sizeof(*times));

	if (times == NULL)
		return -ENOMEM;
	published->has_since = since_find(
	    replay->room.votes, steady, side, times, &published->since_ms);
	free(times);
	return 0;
}

/* --- of the decision --- */

static double confidence_of(const struct replay *replay)
{
	const struct decision *decision = &replay->decision;

	switch (replay->state) {
	case STATE_OPEN:
		return decision->posterior.open;
	case STATE_FILTERED:
	case STATE_INTERCEPTED:
		return decision->posterior.filtered;
	case STATE_PARTIAL:
		return posterior_part(&decision->posterior);
	case STATE_INCONSISTENT:
		return decision->unsteady /
		       fmax(1, decision->unsteady + decision->steady);
	default:
		return 0;
	}
}

static enum published_reach reach_of(const struct replay *replay)
{
	const struct decision *decision = &replay->decision;

	if (replay->state == STATE_PARTIAL)
		return decision->posterior.by_prefix >=
			       decision->posterior.by_line
			   ? REACH_BY_PREFIX
			   : REACH_BY_LINE;
	if (!decision_accuses(replay->state))
		return REACH_NONE;
	return decision->posterior.filtered >= MODEL_NETWORK_P &&
		       decision->witnesses_blocked >= MODEL_NETWORK_WITNESSES &&
		       decision->where != WHERE_ACCESS
		   ? REACH_NETWORK
		   : REACH_OBSERVED;
}

static enum published_level level_of(const struct published *published)
{
	int witnesses = published->state == STATE_OPEN
			    ? published->witnesses_open
			    : published->witnesses_blocked;

	if (published->state == STATE_INSUFFICIENT)
		return LEVEL_NONE;
	if (witnesses >= MODEL_STRONG_WITNESSES &&
	    published->confidence >= MODEL_STRONG_P)
		return LEVEL_STRONG;
	return witnesses >= MODEL_FAIR_WITNESSES &&
		       published->confidence >= MODEL_FAIR_P
		   ? LEVEL_FAIR
		   : LEVEL_THIN;
}

static void fill_decision(
    const struct replay *replay, struct published *published)
{
	const struct decision *decision = &replay->decision;
	bool accused = decision_accuses(replay->state);

	published->state = replay->state;
	published->where = accused ? decision->where : WHERE_NONE;
	published->reach = reach_of(replay);
	published->confidence = confidence_of(replay);
	published->wrong = accused ? decision->posterior.open : -1;
	published->blocked = share_of(
	    replay->room.lines, (size_t)decision->steady);
	published->vantage_points = decision->blocked + decision->open;
	published->witnesses_blocked = decision->witnesses_blocked;
	published->witnesses_open = decision->witnesses_open;
	published->level = level_of(published);
}

static void explain(const struct replay *replay, int blocked_prefixes,
    struct published *published)
{
	struct because_facts facts = {
	    .state = replay->state,
	    .decision = &replay->decision,
	    .prefixes = published->prefixes,
	    .blocked_prefixes = blocked_prefixes,
	    .mechanism = most_frequent(replay, vote_is_blocked),
	};

	if (replay->state == STATE_INSUFFICIENT)
		facts.settle = settle_count(
		    &replay->room.stories, &replay->decision);
	because_say(&facts, &published->because);
}

int published_fill(const struct replay *replay, struct published *published)
{
	side_of_votes *side = side_of(replay->state);
	int blocked_prefixes, error;

	memset(published, 0, sizeof(*published));
	published->asn = replay->evidence->asn;
	published->family = replay->evidence->family;
	published->port = replay->evidence->port;
	published->mechanism = MECHANISM_COUNT;
	fill_decision(replay, published);
	error = count_rows(replay->evidence, published);
	if (error == 0)
		error = count_prefixes(replay, published, &blocked_prefixes);
	if (error == 0 && side != NULL) {
		published->mechanism = most_frequent(replay, side);
		error = find_since(replay, side, published);
		published->since_is_first = !published->has_since;
	}
	if (error == 0)
		explain(replay, blocked_prefixes, published);
	return error;
}

void published_hold_back(struct published *published)
{
	published->state = STATE_INSUFFICIENT;
	published->mechanism = MECHANISM_COUNT;
	published->where = WHERE_NONE;
	published->reach = REACH_NONE;
	published->level = LEVEL_NONE;
	published->confidence = 0;
	published->wrong = -1;
	published->has_since = published->since_is_first = false;
	because_hold_back(&published->because);
}

void published_free(struct published *published)
{
	free(published->blocked_prefixes);
	memset(published, 0, sizeof(*published));
}
