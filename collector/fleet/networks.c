/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/networks.h"

#include <errno.h>

#include "collector/store/store_review.h"
#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"

/* --- walks --- */

static int add_row(void *arg, const struct rollup_row *row)
{
	return network_walk_add(arg, row);
}

/* Visit the evidence of each network as of `now_ms`. */
static int walk(struct store *store, const struct row_filter *filter,
    struct network_walk *networks, struct err *err)
{
	int32_t today = evidence_day_of(networks->now_ms);
	int64_t begin_ms = evidence_window_begin(today) * DAY_MS;
	struct row_filter recent = *filter;
	int result;

	if (recent.since_ms < begin_ms)
		recent.since_ms = begin_ms;
	result = store_rollups(store, &recent, NULL, add_row, networks, err);
	if (result == 0)
		result = network_walk_end(networks);
	network_walk_free(networks);
	if (result == -ENOMEM)
		err_system(err, result, "judging a network");
	return result;
}

/* --- judging --- */

struct judging {
	const struct judge *judge;
	struct judge *noting; /* NULL: nothing is noted */
	networks_visit *visit;
	void *arg;
};

static int judge_one(void *arg, const struct evidence *evidence)
{
	const struct judging *judging = arg;
	struct network_verdict verdict;
	struct networks_judged judged = {evidence, &verdict, STATE_COUNT};
	int result = judge_decide(
	    judging->judge, evidence, &verdict, &judged.before);

	if (result < 0)
		return result;
	if (judging->noting != NULL)
		result = judge_note(judging->noting, &verdict);
	if (result == 0 && judging->visit != NULL)
		result = judging->visit(judging->arg, &judged);
	network_verdict_end(&verdict);
	return result;
}

int networks_decide(struct store *store, const struct row_filter *filter,
    const struct networks_as_of *as_of, networks_visit *visit, void *arg,
    struct err *err)
{
	struct judging judging = {as_of->judge, NULL, visit, arg};
	struct network_walk networks;

	network_walk_init(&networks, as_of->now_ms, judge_one, &judging);
	return walk(store, filter, &networks, err);
}

/* --- learning --- */

static int enrol(void *arg, const struct vantage *vantage)
{
	return judge_enrol(arg, vantage);
}

static int learn_one(void *arg, const struct evidence *evidence)
{
	return judge_learn(arg, evidence);
}

static int review(void *arg, const struct review *review)
{
	return judge_review(arg, review);
}

/* The first look at all networks. */
static int learn_all(
    struct store *store, int64_t now_ms, struct judge *judge, struct err *err)
{
	struct network_walk networks;
	struct row_filter filter;
	int result;

	judge_init(judge, now_ms);
	row_filter_init(&filter);
	result = store_first_days(store, enrol, judge, err);
	if (result == 0)
		result = store_reviews(store, review, judge, err);
	if (result == -ENOMEM)
		err_system(err, result, "counting agents");
	if (result != 0)
		return result;
	network_walk_init(&networks, now_ms, learn_one, judge);
	return walk(store, &filter, &networks, err);
}

int networks_learn(struct store *store, int64_t now_ms, struct judge *judge,
    networks_visit *visit, void *arg, struct err *err)
{
	struct judging judging = {judge, judge, visit, arg};
	struct network_walk networks;
	struct row_filter filter;
	int result = learn_all(store, now_ms, judge, err);

	row_filter_init(&filter);
	if (result == 0) {
		network_walk_init(&networks, now_ms, judge_one, &judging);
		result = walk(store, &filter, &networks, err);
	}
	if (result == 0 && judge_close(judge) < 0)
		result = err_system(err, -ENOMEM, "judging networks");
	return result;
}

/* --- following --- */

struct following {
	struct judge judge;
	int32_t since_day;
	judge_visit_day *visit;
	void *arg;
};

static int follow_one(void *arg, const struct evidence *evidence)
{
	const struct following *following = arg;

	return judge_follow(&following->judge, evidence, following->since_day,
	    following->visit, following->arg);
}

int networks_follow(struct store *store, int64_t now_ms, int32_t since_day,
    judge_visit_day *visit, void *arg, struct err *err)
{
	struct following following = {
	    .since_day = since_day, .visit = visit, .arg = arg};
	struct network_walk networks;
	struct row_filter filter;
	int result = learn_all(store, now_ms, &following.judge, err);

	row_filter_init(&filter);
	if (result == 0) {
		network_walk_init(&networks, now_ms, follow_one, &following);
		result = walk(store, &filter, &networks, err);
	}
	judge_free(&following.judge);
	return result;
}

int networks_complete(struct store *store,
    const struct network_verdict *verdict, struct network_record *record,
    struct err *err)
{
	int error = store_network(store, verdict->asn, &record->info, err);

	record->verdict = *verdict;
	record->typical = (struct network_typical){"", WHERE_NONE, -1};
	return error == -ENOENT ? 0 : error;
}
