/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/current.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/format.h"
#include "collector/store/store_review.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* The endpoints' health is refreshed at once where that takes little, and every
 * ten minutes at least. */
#define REFRESH_SHARE   200
#define REFRESH_MOST_US INT64_C(600000000)
#define LOOKS           3 /* for a moment at which both saw the same store */

void current_init(struct current *current)
{
	memset(current, 0, sizeof(*current));
	ledger_init(&current->ledger);
}

void current_free(struct current *current)
{
	ledger_free(&current->ledger);
	current_init(current);
}

/* All is read at the next time. */
static void forget(struct current *current)
{
	int64_t differing = current->differing, reads = current->reads;

	current_free(current);
	current->differing = differing;
	current->reads = reads;
}

/* --- what has changed --- */

struct taking {
	struct current *current;
	int64_t now_ms;
};

static int begin(void *arg, bool is_all)
{
	const struct taking *taking = arg;
	struct ledger *ledger = &taking->current->ledger;

	if (is_all) {
		ledger_free(ledger);
		taking->current->reads++;
	}
	return ledger_advance(ledger, taking->now_ms);
}

static int take_vantage(void *arg, const struct vantage *vantage)
{
	const struct taking *taking = arg;

	return ledger_enrol(&taking->current->ledger, vantage);
}

static int take_network(
    void *arg, const struct rollup_row *network, int32_t from_day)
{
	const struct taking *taking = arg;

	return ledger_replace(&taking->current->ledger, network, from_day);
}

static int take_row(void *arg, const struct rollup_row *row)
{
	const struct taking *taking = arg;

	return ledger_add(&taking->current->ledger, row);
}

struct reviews {
	struct review *list; /* owned */
	size_t count;
};

static int take_review(void *arg, const struct review *review)
{
	struct reviews *reviews = arg;
	struct review *grown = array_grow(
	    reviews->list, reviews->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	reviews->list = grown;
	grown[reviews->count++] = *review;
	return 0;
}

static int take_reviews(
    struct current *current, struct store *store, struct err *err)
{
	struct reviews reviews = {0};
	int error = store_reviews(store, take_review, &reviews, err);

	if (error == 0)
		error = ledger_review(
		    &current->ledger, reviews.list, reviews.count);
	free(reviews.list);
	return error;
}

static int take(struct current *current, struct store *store, int64_t now_ms,
    struct err *err)
{
	struct taking taking = {current, now_ms};
	const struct store_changes_visit visit = {
	    .begin = begin,
	    .vantage = take_vantage,
	    .network = take_network,
	    .row = take_row,
	    .arg = &taking,
	};
	struct store_changes changes = {
	    .mark = current->mark,
	    .now_ms = now_ms,
	    .since_day = evidence_window_begin(evidence_day_of(now_ms)),
	    .visit = &visit,
	};
	int error = store_changes(store, &changes, err);

	current->mark = changes.mark;
	if (error == 0)
		error = take_reviews(current, store, err);
	return error;
}

/* --- judging --- */

static int judge(struct current *current, bool refresh)
{
	int64_t began_us = clock_mono_us();
	int error = ledger_judge(&current->ledger, refresh);

	if (refresh) {
		current->refreshed_us = clock_mono_us();
		current->refresh_us = current->refreshed_us - began_us;
	}
	return error;
}

static bool wants_refresh(const struct current *current)
{
	int64_t pause_us = current->refresh_us * REFRESH_SHARE;

	if (pause_us > REFRESH_MOST_US)
		pause_us = REFRESH_MOST_US;
	return clock_mono_us() - current->refreshed_us >= pause_us;
}

/* --- beside all rows --- */

static void write_network(const struct ledger_network *network, struct buf *out)
{
	struct network_record record = {.verdict = *network->verdict};

	out->length = 0;
	format_network_json(&record, true, out);
	buf_printf(out, " %s", network_state_word(network->before));
}

static const struct ledger_network *next_judged(
    const struct ledger *ledger, size_t *at)
{
	while (*at < ledger->count && !ledger->networks[*at].has_verdict)
		(*at)++;
	return *at < ledger->count ? &ledger->networks[(*at)++] : NULL;
}

/* How many verdicts are not the same. */
static int64_t count_differing(
    const struct ledger *kept, const struct ledger *fresh)
{
	const struct ledger_network *left, *right;
	struct buf texts[2] = {0};
	size_t at[2] = {0, 0};
	int64_t count = 0;

	for (;;) {
		left = next_judged(kept, &at[0]);
		right = next_judged(fresh, &at[1]);
		if (left == NULL || right == NULL)
			break;
		write_network(left, &texts[0]);
		write_network(right, &texts[1]);
		if (texts[0].failed || texts[1].failed)
			break;
		count += texts[0].length != texts[1].length ||
			 memcmp(texts[0].data, texts[1].data,
			     texts[0].length) != 0;
	}
	buf_free(&texts[0]);
	buf_free(&texts[1]);
	return count + ((left == NULL) != (right == NULL));
}

/* Bring both to one moment. 1, or 0: while rows come fast there is none;
 * -errno: `fresh` is of no use. */
static int meet(struct current *kept, struct current *fresh,
    struct store *store, int64_t now_ms, struct err *err)
{
	struct err ignored = {""};
	int look, error = 0;

	for (look = 0; error == 0 && look < LOOKS; look++) {
		if (take(kept, store, now_ms, &ignored) != 0 ||
		    !kept->mark.is_exact)
			return 0;
		error = take(fresh, store, now_ms, err);
		if (error == 0 && kept->mark.at == fresh->mark.at)
			return 1;
	}
	return error;
}

static int compare(struct current *kept, struct current *fresh,
    struct store *store, int64_t now_ms, struct err *err)
{
	int met = meet(kept, fresh, store, now_ms, err), error;
	int64_t count;

	if (met <= 0)
		return met;
	error = judge(fresh, true);
	if (error < 0 || judge(kept, true) < 0)
		return error;
	count = count_differing(&kept->ledger, &fresh->ledger);
	if (count > 0)
		log_error("%" PRId64 " networks had a verdict that is not that "
			  "of all rows: all were judged again",
		    count);
	fresh->differing += count;
	return 0;
}

static int read_all(struct current *current, struct store *store,
    int64_t now_ms, struct err *err)
{
	struct current fresh;
	int error;

	current_init(&fresh);
	fresh.differing = current->differing;
	fresh.reads = current->reads;
	error = take(&fresh, store, now_ms, err);
	if (error == 0 && current->mark.is_exact)
		error = compare(current, &fresh, store, now_ms, err);
	fresh.read_day = evidence_day_of(now_ms);
	current_free(current);
	*current = fresh;
	return error;
}

int current_update(struct current *current, struct store *store, int64_t now_ms,
    struct err *err)
{
	bool first, refresh;
	int error;

	if (now_ms < current->ledger.now_ms)
		forget(current);
	first = current->mark.at == 0 ||
		current->read_day != evidence_day_of(now_ms);
	refresh = first || wants_refresh(current);
	error = first ? read_all(current, store, now_ms, err)
		      : take(current, store, now_ms, err);
	if (error == 0)
		error = judge(current, refresh);
	if (error == 0)
		return 0;
	forget(current);
	return error == -ENOMEM ? err_system(err, error, "judging networks")
				: error;
}
