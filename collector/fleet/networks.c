/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/networks.h"

#include <errno.h>

#include "collector/verdict/verdict.h"

#define WINDOW_MS (INT64_C(24) * 3600 * 1000 * VERDICT_DAYS)

static int add_row(void *arg, const struct rollup_row *row)
{
	return network_walk_add(arg, row);
}

int networks_walk(struct store *store, const struct row_filter *filter,
    network_walk_visit *visit, void *arg, struct err *err)
{
	struct network_walk walk;
	int result;

	network_walk_init(&walk, visit, arg);
	result = store_rollups(store, filter, add_row, &walk, err);
	if (result == 0)
		result = network_walk_end(&walk);
	network_walk_free(&walk);
	if (result == -ENOMEM)
		err_system(err, result, "deciding a network");
	return result;
}

int networks_decide(struct store *store, const struct row_filter *filter,
    int64_t now_ms, network_decided *decided, void *arg, struct err *err)
{
	struct network_decider decider = {now_ms, decided, arg};
	struct row_filter recent = *filter;

	if (recent.since_ms < now_ms - WINDOW_MS)
		recent.since_ms = now_ms - WINDOW_MS;
	return networks_walk(
	    store, &recent, network_walk_decide, &decider, err);
}

int networks_complete(struct store *store,
    const struct network_verdict *verdict, struct network_record *record,
    struct err *err)
{
	int error = store_network(store, verdict->asn, &record->info, err);

	record->verdict = *verdict;
	return error == -ENOENT ? 0 : error;
}
