/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/networks.h"

#include <errno.h>

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

	return networks_walk(store, filter, network_walk_decide, &decider, err);
}

int networks_complete(struct store *store,
    const struct network_verdict *verdict, struct network_record *record,
    struct err *err)
{
	int error = store_network(store, verdict->asn, &record->info, err);

	record->verdict = *verdict;
	return error == -ENOENT ? 0 : error;
}
