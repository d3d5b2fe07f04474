/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/publish.h"

#include <errno.h>

#include "collector/view/view_order.h"
#include "collector/view/view_past.h"

/* What a verdict owes to those on all networks. */
static int finish(struct view *view, const struct judge *judge, size_t at)
{
	struct network_record record;
	int error = view_record(view, &view->networks[at], &record);

	if (error < 0)
		return error;
	judge_finish(judge, &record.verdict);
	error = view_replace(view, &record.verdict);
	network_verdict_end(&record.verdict);
	return error;
}

static int finish_all(struct view *view, const struct judge *judge)
{
	const struct view_network *network;
	size_t i;
	int error = 0;

	view->expected_wrong = judge->expected_wrong;
	for (i = 0; error == 0 && i < view->count; i++) {
		network = &view->networks[i];
		if (network->upstream != 0 ||
		    judge_holds_back(
			judge, network->asn, network->family, network->port))
			error = finish(view, judge, i);
	}
	return error;
}

static int name_all(struct view *view, struct store *store, struct err *err)
{
	struct network_info info;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < view->count; i++) {
		if (i > 0 && view->networks[i].asn == view->networks[i - 1].asn)
			continue;
		error = store_network(store, view->networks[i].asn, &info, err);
		if (error == 0 || error == -ENOENT)
			error = view_name(view, &info);
	}
	return error;
}

static int add_day(void *arg, const struct history_day *day)
{
	view_past_add(arg, day);
	return 0;
}

static bool has(const struct view *view, const struct view_network *network)
{
	size_t at = view_find(
	    view, network->asn, network->family, network->port);

	return at < view->count && view->networks[at].asn == network->asn &&
	       view->networks[at].family == network->family &&
	       view->networks[at].port == network->port;
}

/* Networks that the view before did not have may have been there earlier. */
static int read_returned(struct view *view, const struct view *before,
    struct store *store, struct err *err)
{
	const struct view_network *network = view->networks;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < view->count; i++, network++) {
		struct history_filter filter = {
		    .asn = network->asn,
		    .family = network->family,
		    .port = network->port,
		    .since_day = view->since,
		    .until_day = view->past_until,
		};

		if (!has(before, network))
			error = store_history(
			    store, &filter, add_day, view, err);
	}
	return error;
}

/* Days are closed one after the other: what was there at the last count is not
 * read again. */
static int look_back(struct view *view, const struct view *before,
    struct store *store, struct err *err)
{
	struct history_filter filter = {0};
	int32_t closed;
	int error = view_past_begin(view, before);

	if (error == 0 && before != NULL)
		error = read_returned(view, before, store, err);
	if (error == 0)
		error = store_closed_day(store, &closed, err);
	if (error < 0 || closed == STORE_NO_DAY || closed < view->past_until)
		return error;
	filter.since_day = view->past_until;
	filter.until_day = closed + 1;
	error = store_history(store, &filter, add_day, view, err);
	if (error == 0)
		view->past_until = closed + 1;
	return error;
}

void publish_typical(
    struct view *view, const struct typical *typical, int64_t first_ms)
{
	size_t i;

	for (i = 0; i < view->count; i++) {
		struct view_network *network = &view->networks[i];
		const struct network_verdict verdict = {
		    .asn = network->asn,
		    .family = network->family,
		    .port = network->port,
		    .state = (enum network_state)network->state,
		    .mechanism = (enum mechanism)network->mechanism,
		    .where = (enum where)network->where,
		};

		typical_find(typical, &verdict, first_ms, &network->typical);
	}
}

int publish_complete(struct view *view, const struct view *before,
    const struct judge *judge, struct store *store, struct err *err)
{
	int error = finish_all(view, judge);

	if (error == 0)
		error = name_all(view, store, err);
	if (error == 0)
		error = look_back(view, before, store, err);
	if (error == 0)
		error = view_order(view);
	return error == -ENOMEM ? err_system(err, error, "the view") : error;
}
