/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/published/because.h"
#include "collector/verdict/published/published.h"
#include "lib/base/array.h"

void judge_init(struct judge *judge, int64_t now_ms)
{
	memset(judge, 0, sizeof(*judge));
	judge->now_ms = now_ms;
	health_init(&judge->health, evidence_day_of(now_ms));
}

int judge_enrol(struct judge *judge, const struct vantage *vantage)
{
	int error;

	if (vantage->first_day > evidence_day_of(judge->now_ms))
		return 0;
	error = roster_add(&judge->roster, vantage->agent, vantage->first_day);
	if (error == 0 && vantage->is_local)
		roster_set_local(&judge->roster, vantage->agent);
	if (error < 0 || vantage->run_by[0] == '\0')
		return error;
	return roster_set_operator(
	    &judge->roster, vantage->agent, vantage->run_by);
}

bool judge_is_news(const struct judge *judge, const struct vantage *vantage)
{
	const struct roster *roster = &judge->roster;
	const struct roster_agent *known = roster_find(roster, vantage->agent);

	if (roster->agents.count > 0 && vantage->first_day < roster->history)
		return true;
	return known != NULL &&
	       (vantage->first_day < known->first_seen ||
		   (vantage->is_local && !known->is_local) ||
		   (vantage->run_by[0] != '\0' &&
		       strcmp(vantage->run_by, roster_operator(roster, known,
						   vantage->agent)) != 0));
}

int judge_review(struct judge *judge, const struct review *review)
{
	struct review *grown = array_grow(
	    judge->reviews, judge->nreviews, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	judge->reviews = grown;
	grown[judge->nreviews++] = *review;
	return 0;
}

int judge_learn(struct judge *judge, const struct evidence *evidence)
{
	return health_learn(&judge->health, evidence);
}

/* --- reviews --- */

const struct review *judge_find_review(
    const struct judge *judge, const struct network_verdict *verdict)
{
	size_t i;

	for (i = 0; i < judge->nreviews; i++)
		if (judge->reviews[i].asn == verdict->asn &&
		    judge->reviews[i].family == verdict->family &&
		    judge->reviews[i].port == verdict->port)
			return &judge->reviews[i];
	return NULL;
}

static void hold_for_review(
    const struct judge *judge, struct network_verdict *verdict)
{
	if (verdict->rests_on_new && !judge->ignores_reviews)
		published_review(verdict, judge_find_review(judge, verdict));
}

/* --- accusations --- */

static int compare_keys(const void *a, const void *b)
{
	const struct gate_accusation *left = a, *right = b;

	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return (left->port > right->port) - (left->port < right->port);
}

static struct gate_accusation accusation_of(
    const struct network_verdict *verdict)
{
	return (struct gate_accusation){
	    .wrong = verdict->wrong,
	    .asn = verdict->asn,
	    .family = verdict->family,
	    .port = verdict->port,
	    .upstream = verdict->upstream,
	};
}

int judge_note(struct judge *judge, const struct network_verdict *verdict)
{
	struct gate_accusation *grown;

	if (verdict->wrong < 0)
		return 0;
	grown = array_grow(
	    judge->accusations, judge->naccusations, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	judge->accusations = grown;
	grown[judge->naccusations++] = accusation_of(verdict);
	return 0;
}

/* The networks behind an AS are one run of the accusations. */
static int compare_upstreams(const void *a, const void *b)
{
	const struct gate_accusation *left = a, *right = b;

	if (left->upstream != right->upstream)
		return left->upstream < right->upstream ? -1 : 1;
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	if (left->port != right->port)
		return left->port < right->port ? -1 : 1;
	return compare_keys(a, b);
}

static int count_upstreams(struct judge *judge)
{
	struct judge_upstream *last = NULL, *grown;
	size_t i;

	qsort(judge->accusations, judge->naccusations,
	    sizeof(*judge->accusations), compare_upstreams);
	for (i = 0; i < judge->naccusations; i++) {
		const struct gate_accusation *one = &judge->accusations[i];

		if (one->upstream == 0 || one->is_held_back)
			continue;
		if (last == NULL || last->asn != one->upstream ||
		    last->family != one->family || last->port != one->port) {
			grown = array_grow(judge->upstreams, judge->nupstreams,
			    sizeof(*grown));
			if (grown == NULL)
				return -ENOMEM;
			judge->upstreams = grown;
			last = &grown[judge->nupstreams++];
			*last = (struct judge_upstream){
			    one->upstream, one->family, one->port, 0};
		}
		last->networks++;
	}
	return 0;
}

int judge_close(struct judge *judge)
{
	size_t i, held = 0;
	int error;

	judge->nupstreams = 0;
	judge->expected_wrong = 0;
	if (judge->naccusations == 0)
		return 0;
	judge->expected_wrong = gate_close(
	    judge->accusations, judge->naccusations);
	error = count_upstreams(judge);
	for (i = 0; i < judge->naccusations; i++)
		if (judge->accusations[i].is_held_back)
			judge->accusations[held++] = judge->accusations[i];
	judge->naccusations = held;
	if (held > 0)
		qsort(judge->accusations, held, sizeof(*judge->accusations),
		    compare_keys);
	return error;
}

bool judge_holds_back(
    const struct judge *judge, uint32_t asn, uint8_t family, uint16_t port)
{
	struct gate_accusation key = {
	    .asn = asn, .family = family, .port = port};

	return judge->naccusations > 0 &&
	       bsearch(&key, judge->accusations, judge->naccusations,
		   sizeof(key), compare_keys) != NULL;
}

static size_t networks_behind(
    const struct judge *judge, const struct network_verdict *verdict)
{
	size_t i;

	for (i = 0; i < judge->nupstreams; i++)
		if (judge->upstreams[i].asn == verdict->upstream &&
		    judge->upstreams[i].family == verdict->family &&
		    judge->upstreams[i].port == verdict->port)
			return judge->upstreams[i].networks;
	return 0;
}

void judge_finish(const struct judge *judge, struct network_verdict *verdict)
{
	size_t networks;

	if (verdict->wrong < 0)
		return;
	if (judge_holds_back(
		judge, verdict->asn, verdict->family, verdict->port)) {
		published_hold_back(verdict);
		return;
	}
	networks = verdict->upstream != 0 ? networks_behind(judge, verdict) : 0;
	if (networks > 0)
		because_beyond(verdict, networks);
}

/* --- one network --- */

/* What is published at the end of the replay. */
static int finish(const struct judge *judge, const struct replay *replay,
    struct network_verdict *verdict)
{
	int error = published_fill(replay, verdict);

	if (error < 0)
		return error;
	hold_for_review(judge, verdict);
	judge_finish(judge, verdict);
	return 0;
}

int judge_decide(const struct judge *judge, const struct evidence *evidence,
    struct network_verdict *verdict, enum network_state *before)
{
	struct replay replay;
	int error = replay_init(
	    &replay, evidence, &judge->health, &judge->roster);

	if (error == 0) {
		replay_last(&replay);
		error = finish(judge, &replay, verdict);
	}
	*before = replay.before;
	replay_free(&replay);
	return error;
}

int judge_resume(const struct judge *judge, const struct evidence *evidence,
    enum network_state before, struct network_verdict *verdict)
{
	struct replay replay;
	int error = replay_init(
	    &replay, evidence, &judge->health, &judge->roster);

	if (error == 0) {
		replay_resume(&replay, before);
		replay_day(&replay);
		error = finish(judge, &replay, verdict);
	}
	replay_free(&replay);
	return error;
}

static int visit_day(const struct judge *judge, const struct replay *replay,
    judge_visit_day *visit, void *arg)
{
	struct network_verdict verdict;
	int result = published_day(replay, &verdict);

	if (result < 0)
		return result;
	hold_for_review(judge, &verdict);
	result = visit(arg, replay->day, &verdict);
	network_verdict_end(&verdict);
	return result;
}

int judge_follow(const struct judge *judge, const struct evidence *evidence,
    int32_t since_day, judge_visit_day *visit, void *arg)
{
	struct replay replay;
	int result = replay_init(
	    &replay, evidence, &judge->health, &judge->roster);

	while (result == 0 && replay_day(&replay))
		if (replay.day >= since_day)
			result = visit_day(judge, &replay, visit, arg);
	replay_free(&replay);
	return result;
}

void judge_free(struct judge *judge)
{
	roster_free(&judge->roster);
	health_free(&judge->health);
	free(judge->accusations);
	free(judge->upstreams);
	free(judge->reviews);
	memset(judge, 0, sizeof(*judge));
}
