/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_engine.h"

#include "collector/store/clickhouse/clickhouse_changes.h"
#include "collector/store/clickhouse/clickhouse_enrol.h"
#include "collector/store/clickhouse/clickhouse_expire.h"
#include "collector/store/clickhouse/clickhouse_handle.h"
#include "collector/store/clickhouse/clickhouse_names.h"
#include "collector/store/clickhouse/clickhouse_past.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_read.h"
#include "collector/store/clickhouse/clickhouse_rebuild.h"
#include "collector/store/clickhouse/clickhouse_registry.h"
#include "collector/store/clickhouse/clickhouse_rollup.h"
#include "collector/store/clickhouse/clickhouse_schema.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "collector/store/clickhouse/clickhouse_write.h"

/* A part is a file: few large inserts are better than many small ones. */
#define GATHER_US  INT64_C(250000)
#define GROUP_MOST 4096
#define ROWS_MOST  100000

static void interrupt(struct store *store)
{
	clickhouse_of(store)->interrupted = true;
}

static void close_store(struct store *store)
{
	struct clickhouse *handle = clickhouse_of(store);

	clickhouse_shared_leave(handle);
	clickhouse_handle_free(handle);
}

static int open_store(const struct store_settings *settings,
    struct store **store, struct err *err)
{
	struct clickhouse *handle;
	int error = clickhouse_handle_new(settings, &handle, err);

	if (error == 0)
		error = clickhouse_probe(handle, err);
	if (error == 0)
		error = clickhouse_schema_check(handle, err);
	if (error == 0)
		error = clickhouse_shared_join(settings, handle, err);
	if (error < 0) {
		clickhouse_handle_free(handle);
		return error;
	}
	*store = &handle->store;
	return 0;
}

const struct store_engine clickhouse_engine = {
    .name = "ClickHouse",
    .gather_us = GATHER_US,
    .group_most = GROUP_MOST,
    .rows_most = ROWS_MOST,
    .open = open_store,
    .close = close_store,
    .interrupt = interrupt,
    .write = clickhouse_write,
    .measurements = clickhouse_measurements,
    .report_rows = clickhouse_report_rows,
    .report_detail = clickhouse_report_detail,
    .rollups = clickhouse_rollups,
    .first_days = clickhouse_first_days,
    .changes = clickhouse_changes,
    .network = clickhouse_network,
    .annotate = clickhouse_annotate,
    .annotations = clickhouse_annotations,
    .decide_review = clickhouse_decide_review,
    .reviews = clickhouse_reviews,
    .totals = clickhouse_totals,
    .add_past = clickhouse_add_past,
    .closed_day = clickhouse_closed_day,
    .history = clickhouse_history,
    .events = clickhouse_events,
    .last_events = clickhouse_last_events,
    .expire = clickhouse_expire,
    .rebuild_day = clickhouse_rebuild_day,
    .upkeep = clickhouse_upkeep,
    .now = clickhouse_now,
    .enrol = clickhouse_enrol,
    .find_agent = clickhouse_find_agent,
    .change_key = clickhouse_change_key,
    .revoke = clickhouse_revoke,
    .list_agents = clickhouse_list_agents,
    .add_token = clickhouse_add_token,
    .has_secret = clickhouse_has_secret,
    .bind_secret = clickhouse_bind_secret,
};
