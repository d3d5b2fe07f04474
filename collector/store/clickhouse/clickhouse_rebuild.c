/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_rebuild.h"

#include <errno.h>
#include <inttypes.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_count.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_mend.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_shared.h"

#define REBUILD_US INT64_C(600000000)

/* --- sums --- */

static int take_number(void *arg, struct wire *wire)
{
	uint64_t number = wire_take(wire, 8);

	if (!wire->ran_out)
		*(int64_t *)arg = (int64_t)number;
	return 0;
}

static int ask_number(struct clickhouse *handle,
    void (*print)(struct buf *sql, int32_t day), int32_t day, int64_t *number,
    struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_number, .arg = number, .most_us = REBUILD_US};
	int error;

	*number = 0;
	print(&sql, day);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "rollups")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

/* The sum of a day's counts. */
static void print_sum(struct buf *sql, int32_t day)
{
	buf_printf(sql,
	    "SELECT sum(count) FROM @D.rollup FINAL"
	    " WHERE day = toDate(%" PRId32 ")",
	    day);
}

/* --- what is too large --- */

#define ROLLUP_KEY                                               \
	"asn, family, port, outcome, mechanism, where_, after, " \
	"before, prefix, agent, endpoint"

/* How many keys of a day have a count that is too large. */
static void print_wrong_rollups(struct buf *sql, int32_t day)
{
	const struct count_scope scope = {.day = day};

	buf_printf(sql,
	    "SELECT count() FROM (SELECT " ROLLUP_KEY ", sum(has) AS truth FROM"
	    " (SELECT asn, family, port, outcome, mechanism, where_,"
	    " after_asn AS after, before_asn AS before, prefix, agent,"
	    " endpoint, argMax(count, copies) AS had, toUInt64(0) AS has FROM "
	    "@D.rollup"
	    " WHERE day = toDate(%" PRId32 ") GROUP BY " ROLLUP_KEY
	    " UNION ALL SELECT " ROLLUP_KEY ", toUInt64(0), counted FROM (",
	    day);
	count_print(sql, &scope);
	buf_append_text(
	    sql, ")) GROUP BY " ROLLUP_KEY " HAVING sum(had) > truth)");
}

#define VANTAGE_KEY "asn, country, network, agent"

static void print_wrong_vantages(struct buf *sql, int32_t day)
{
	buf_printf(sql,
	    "SELECT count() FROM (SELECT " VANTAGE_KEY ", sum(has) AS truth"
	    " FROM (SELECT " VANTAGE_KEY ", argMax(listed, copies) AS had,"
	    " toUInt64(0) AS has FROM @D.vantage"
	    " WHERE day = toDate(%" PRId32 ") GROUP BY " VANTAGE_KEY
	    " UNION ALL SELECT " VANTAGE_KEY ", toUInt64(0),"
	    " countIf(listed = 1 AND" FILTER_COUNTS
	    ") FROM @D.measurement FINAL WHERE day = toDate(%" PRId32 ")"
	    " GROUP BY " VANTAGE_KEY ") GROUP BY " VANTAGE_KEY
	    " HAVING sum(had) > truth)",
	    day, day);
}

static int find_wrong(
    struct clickhouse *handle, int32_t day, int64_t *wrong, struct err *err)
{
	int64_t vantages = 0;
	int error = ask_number(handle, print_wrong_rollups, day, wrong, err);

	if (error == 0)
		error = ask_number(
		    handle, print_wrong_vantages, day, &vantages, err);
	*wrong += vantages;
	return error;
}

/* --- a day anew --- */

int clickhouse_rebuild_day(struct store *store, int32_t day,
    struct store_rebuilt *rebuilt, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct clickhouse_meta meta;
	struct count_scope scope = {.day = day};
	int error = clickhouse_probe(handle, err);

	*rebuilt = (struct store_rebuilt){0};
	if (error == 0)
		error = clickhouse_meta_read(handle, &meta, err);
	if (error == 0)
		error = ask_number(
		    handle, print_sum, day, &rebuilt->before, err);
	if (error < 0)
		return error;
	scope.generation = meta.values[META_GENERATION];
	rebuilt->after = rebuilt->before;
	rebuilt->is_kept = rollup_day_ms(day) < meta.values[META_EXPIRED_MS];
	if (rebuilt->is_kept)
		return 0;
	error = count_day(handle, &scope, err);
	if (error == 0)
		error = find_wrong(handle, day, &rebuilt->too_large, err);
	if (error == 0 && rebuilt->too_large > 0)
		error = mend_all(handle, scope, err);
	if (error == 0)
		error = ask_number(
		    handle, print_sum, day, &rebuilt->after, err);
	clickhouse_shared_forget(handle);
	return error;
}
