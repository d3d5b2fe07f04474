/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/published/published.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/because.h"
#include "collector/verdict/published/detail.h"
#include "collector/verdict/published/share.h"
#include "collector/verdict/published/since.h"
#include "lib/report/words.h"

/* --- of the rows --- */

static void count_outcome(
    const struct evidence_row *row, struct network_verdict *verdict)
{
	struct network_outcome *outcome = verdict->outcomes;
	size_t i;

	for (i = 0; i < verdict->noutcomes; i++, outcome++)
		if ((int)outcome->outcome == row->outcome &&
		    (int)outcome->mechanism == row->mechanism)
			break;
	if (i == NETWORK_OUTCOMES_MAX)
		return;
	if (i == verdict->noutcomes) {
		verdict->noutcomes++;
		outcome->outcome = (enum outcome)row->outcome;
		outcome->mechanism = (enum mechanism)row->mechanism;
		outcome->count = 0;
	}
	outcome->count += row->count;
}

static int compare_outcomes(const void *a, const void *b)
{
	const struct network_outcome *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	if (left->outcome != right->outcome)
		return (int)left->outcome - (int)right->outcome;
	return (int)left->mechanism - (int)right->mechanism;
}

static int count_rows(
    const struct evidence *evidence, struct network_verdict *verdict)
{
	bool *seen = calloc(evidence->endpoints.count + (size_t)1, 1);
	size_t i;

	if (seen == NULL)
		return -ENOMEM;
	for (i = 0; i < evidence->nrows; i++) {
		if (i == 0 || evidence->rows[i].last_ms > verdict->last_ms)
			verdict->last_ms = evidence->rows[i].last_ms;
		count_outcome(&evidence->rows[i], verdict);
	}
	qsort(verdict->outcomes, verdict->noutcomes, sizeof(*verdict->outcomes),
	    compare_outcomes);
	for (i = 0; i < evidence->ncells; i++) {
		const struct evidence_cell *cell = &evidence->cells[i];

		verdict->probes += cell->good + cell->bad;
		verdict->endpoints += !seen[cell->endpoint];
		seen[cell->endpoint] = true;
	}
	free(seen);
	return 0;
}

/* --- of the votes --- */

struct prefix_votes {
	int blocked, open;
};

static int count_prefixes(const struct replay *replay,
    struct network_verdict *verdict, int *with_blocked)
{
	const struct names *names = &replay->evidence->prefixes;
	struct prefix_votes *votes = calloc(
	    names->count + (size_t)1, sizeof(*votes));
	uint32_t i;
	int j;

	*with_blocked = 0;
	verdict->blocked_prefixes = calloc(
	    names->count + (size_t)1, sizeof(*verdict->blocked_prefixes));
	if (votes == NULL || verdict->blocked_prefixes == NULL) {
		free(votes);
		return -ENOMEM;
	}
	for (j = 0; j < replay->decision.steady; j++) {
		const struct vote *vote = &replay->room.votes[j];

		votes[vote->prefix].blocked += vote_is_blocked(vote);
		votes[vote->prefix].open += vote_is_open(vote);
	}
	for (i = 0; i < names->count; i++) {
		verdict->prefixes += votes[i].blocked + votes[i].open > 0;
		*with_blocked += votes[i].blocked > 0;
		if (votes[i].blocked > 0 && votes[i].open == 0)
			verdict
			    ->blocked_prefixes[verdict->nblocked_prefixes++] =
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
	const struct vote *vote = replay->room.votes;

	for (i = 0; i < replay->decision.steady; i++, vote++)
		if (counts(vote))
			lines[line_mechanism(&replay->lines[vote->line])]++;
	for (i = 0; i <= MECHANISM_COUNT; i++)
		if (lines[i] > 0 &&
		    (most < 0 || lines[i] > lines[most] ||
			(lines[i] == lines[most] &&
			    strcmp(mechanism_word((enum mechanism)i),
				mechanism_word((enum mechanism)most)) < 0)))
			most = i;
	return most < 0 ? MECHANISM_COUNT : (enum mechanism)most;
}

/* The votes that say what is verdict; NULL: none do. */
typedef bool side_of_votes(const struct vote *vote);

static side_of_votes *side_of(enum network_state state)
{
	if (state == STATE_OPEN)
		return vote_is_open;
	return decision_accuses(state) ? vote_is_blocked : NULL;
}

static int find_since(const struct replay *replay, side_of_votes *side,
    struct network_verdict *verdict)
{
	size_t steady = (size_t)replay->decision.steady;
	int64_t *times = malloc((steady + 1) * sizeof(*times));

	if (times == NULL)
		return -ENOMEM;
	if (!since_find(
		replay->room.votes, steady, side, times, &verdict->since_ms))
		verdict->since_ms = 0;
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

/* Of what is stopped beyond a network not all of it needs to be seen. */
static enum network_reach reach_of(
    const struct replay *replay, const struct stopped *stopped)
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
		       decision->where != WHERE_ACCESS &&
		       stopped->in != STOP_UPSTREAM
		   ? REACH_NETWORK
		   : REACH_OBSERVED;
}

static enum network_level level_of(const struct network_verdict *verdict)
{
	int witnesses = verdict->state == STATE_OPEN
			    ? verdict->witnesses_open
			    : verdict->witnesses_blocked;

	if (verdict->state == STATE_INSUFFICIENT)
		return LEVEL_NONE;
	if (witnesses >= MODEL_STRONG_WITNESSES &&
	    verdict->confidence >= MODEL_STRONG_P)
		return LEVEL_STRONG;
	return witnesses >= MODEL_FAIR_WITNESSES &&
		       verdict->confidence >= MODEL_FAIR_P
		   ? LEVEL_FAIR
		   : LEVEL_THIN;
}

/* Who came with the collector is no older than it is. */
static bool is_newcomer(const struct replay *replay, const struct vote *vote)
{
	const struct roster_agent *agent = replay->agents[vote->line];

	return agent != NULL && agent->is_local &&
	       vote->first_seen > replay->day - MODEL_REVIEW_AGE;
}

static bool rests_on_new(const struct replay *replay)
{
	int i;

	for (i = 0; i < replay->decision.steady; i++)
		if (vote_is_blocked(&replay->room.votes[i]) &&
		    !is_newcomer(replay, &replay->room.votes[i]))
			return false;
	return decision_accuses(replay->state);
}

static void fill_decision(const struct replay *replay,
    const struct stopped *stopped, struct network_verdict *verdict)
{
	const struct decision *decision = &replay->decision;
	bool accused = decision_accuses(replay->state);
	struct share share = share_of(
	    replay->room.lines, (size_t)decision->steady);

	verdict->state = replay->state;
	verdict->where = accused ? decision->where : WHERE_NONE;
	verdict->stopped_in = accused ? stopped->in : STOP_NONE;
	verdict->upstream = accused ? stopped->upstream : 0;
	verdict->reach = reach_of(replay, stopped);
	verdict->rests_on_new = rests_on_new(replay);
	verdict->confidence = confidence_of(replay);
	verdict->wrong = accused ? decision->posterior.open : -1;
	verdict->blocked_low = share.low;
	verdict->blocked_mid = share.mid;
	verdict->blocked_high = share.high;
	verdict->vantage_points = decision->blocked + decision->open;
	verdict->unsteady = decision->unsteady;
	verdict->witnesses_blocked = decision->witnesses_blocked;
	verdict->witnesses_open = decision->witnesses_open;
	verdict->level = level_of(verdict);
}

static void explain(const struct replay *replay, const struct stopped *stopped,
    int blocked_prefixes, struct network_verdict *verdict)
{
	struct because_facts facts = {
	    .state = replay->state,
	    .decision = &replay->decision,
	    .prefixes = verdict->prefixes,
	    .blocked_prefixes = blocked_prefixes,
	    .mechanism = most_frequent(replay, vote_is_blocked),
	    .stopped = *stopped,
	};

	if (replay->state == STATE_INSUFFICIENT)
		facts.settle = settle_count(
		    &replay->room.stories, &replay->decision);
	because_say(&facts, verdict);
}

int published_day(const struct replay *replay, struct network_verdict *verdict)
{
	side_of_votes *side = side_of(replay->state);
	int blocked_prefixes, error;
	struct stopped stopped;

	memset(verdict, 0, sizeof(*verdict));
	verdict->asn = replay->evidence->asn;
	verdict->family = replay->evidence->family;
	verdict->port = replay->evidence->port;
	verdict->mechanism = MECHANISM_COUNT;
	error = stopped_find(replay, &stopped);
	if (error < 0)
		return error;
	fill_decision(replay, &stopped, verdict);
	error = count_prefixes(replay, verdict, &blocked_prefixes);
	if (error < 0)
		return error;
	if (side != NULL)
		verdict->mechanism = most_frequent(replay, side);
	explain(replay, &stopped, blocked_prefixes, verdict);
	return 0;
}

int published_fill(const struct replay *replay, struct network_verdict *verdict)
{
	side_of_votes *side = side_of(replay->state);
	int error = published_day(replay, verdict);

	if (error == 0)
		error = count_rows(replay->evidence, verdict);
	if (error == 0)
		error = detail_find(replay, verdict);
	if (error == 0 && side != NULL) {
		error = find_since(replay, side, verdict);
		verdict->since_is_first = verdict->since_ms == 0;
	}
	if (error < 0)
		network_verdict_end(verdict);
	return error;
}

static void take_back(struct network_verdict *verdict)
{
	verdict->state = STATE_INSUFFICIENT;
	verdict->mechanism = MECHANISM_COUNT;
	verdict->where = WHERE_NONE;
	verdict->reach = REACH_NONE;
	verdict->level = LEVEL_NONE;
	verdict->stopped_in = STOP_NONE;
	verdict->upstream = 0;
	verdict->confidence = 0;
	verdict->wrong = -1;
	verdict->since_ms = 0;
	verdict->since_is_first = false;
	free(verdict->detail);
	verdict->detail = NULL;
}

void published_hold_back(struct network_verdict *verdict)
{
	take_back(verdict);
	because_hold_back(verdict);
}

void published_review(
    struct network_verdict *verdict, const struct review *review)
{
	if (review == NULL || !review->is_released)
		take_back(verdict);
	because_review(verdict, review);
}
