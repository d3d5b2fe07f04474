/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_mend.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "lib/base/day.h"

#define MEND_US     INT64_C(600000000)
#define AGENTS_MOST 500 /* of whom the rest is for the next time */

/* --- a new generation --- */

/* A row of which no copy counts, since the one that did is gone, gets one more,
 * which is less than they. */
static void print_revived(struct buf *sql, const struct count_scope *scope)
{
	buf_append_text(sql,
	    "INSERT INTO @D.measurement (" ROWS_INSERT ") SELECT received_ms,"
	    " own, intDiv(copy, 2), day, hour, " ROWS_MEASUREMENT);
	count_print_scope(sql, " FINAL", scope);
	buf_append_text(sql, " AND copy GLOBAL IN (SELECT min(copy)");
	count_print_scope(sql, "", scope);
	buf_append_text(sql,
	    " GROUP BY agent, report, n HAVING countIf(" COUNT_COUNTS ") = 0)");
}

/* What has no count in this generation: 0, which any count of it is above. */
static void print_left(
    struct buf *sql, const char *table, const struct count_scope *scope)
{
	buf_printf(sql,
	    ", first_ms, last_ms, toUInt64(%" PRIu64 ") FROM @D.%s FINAL"
	    " WHERE day = toDate(%" PRId32 ") AND copies < %" PRIu64,
	    count_version(scope->generation), table, scope->day,
	    count_version(scope->generation));
	if (scope->agents != NULL)
		buf_printf(sql, " AND agent IN (%s)", scope->agents);
}

static void print_left_rollups(struct buf *sql, const struct count_scope *scope)
{
	buf_append_text(sql,
	    "INSERT INTO @D.rollup (" ROWS_ROLLUP ", copies) SELECT day, asn,"
	    " family, port, prefix, agent, endpoint, outcome, mechanism,"
	    " where_, after_asn, before_asn, toUInt64(0)");
	print_left(sql, "rollup", scope);
}

static void print_left_vantages(
    struct buf *sql, const struct count_scope *scope)
{
	buf_append_text(sql,
	    "INSERT INTO @D.vantage (" COUNT_VANTAGE ") SELECT day, asn,"
	    " country, network, agent, run_by, own, toUInt64(0), toUInt64(0)");
	print_left(sql, "vantage", scope);
}

/* Others count in the new generation from their next time on; what they wrote
 * in the old one meanwhile they count again then, since they count what was
 * touched a little before, too. */
int mend_all(
    struct clickhouse *handle, struct count_scope scope, struct err *err)
{
	struct clickhouse_meta meta;
	int error = clickhouse_meta_read_newest(handle, &meta, err);

	if (error < 0)
		return error;
	scope.generation = meta.values[META_GENERATION] + 1;
	error = clickhouse_meta_write(
	    handle, META_GENERATION, scope.generation, err);
	if (error < 0)
		return error;
	handle->generation = scope.generation;
	error = count_run(handle, print_revived, &scope, err);
	if (error == 0)
		error = count_day(handle, &scope, err);
	if (error == 0)
		error = count_run(handle, print_left_rollups, &scope, err);
	if (error == 0)
		error = count_run(handle, print_left_vantages, &scope, err);
	return error;
}

/* --- who needs it --- */

struct wronged {
	struct buf agents; /* as SQL */
};

static int take_agent(void *arg, struct wire *wire)
{
	struct wronged *wronged = arg;
	char agent[ROW_AGENT_SIZE];

	wire_take_text(wire, agent, sizeof(agent));
	if (wire->ran_out)
		return 0;
	if (wronged->agents.length > 0)
		buf_append_text(&wronged->agents, ", ");
	filter_print_bytes(&wronged->agents, agent, strlen(agent));
	return wronged->agents.failed ? -ENOMEM : 0;
}

/* Of whom more is known than is there, or who has a row of which no copy
 * counts: what came since may be as much as what went. */
static void print_wronged(struct buf *sql, const struct count_scope *scope)
{
	const struct count_scope all = {.day = scope->day};

	buf_printf(sql,
	    "SELECT DISTINCT agent FROM (SELECT agent FROM (SELECT agent,"
	    " sum(bitAnd(copies, toUInt64(%" PRIu64 "))) AS had,"
	    " toUInt64(0) AS has FROM @D.vantage FINAL"
	    " WHERE day = toDate(%" PRId32 ")",
	    count_version(1) - 1, scope->day);
	count_print_touched(sql, scope);
	buf_append_text(sql, " GROUP BY agent UNION ALL SELECT agent,"
			     " toUInt64(0), toUInt64(" COUNT_KNOWN ")");
	scope = scope->touched_ms > 0 ? scope : &all;
	count_print_scope(sql, " FINAL", scope);
	buf_append_text(sql, " GROUP BY agent) GROUP BY agent"
			     " HAVING sum(had) > sum(has)"
			     " UNION ALL SELECT agent");
	count_print_scope(sql, "", scope);
	buf_printf(sql,
	    " GROUP BY agent, report, n HAVING countIf(" COUNT_COUNTS ") = 0)"
	    " LIMIT %d",
	    AGENTS_MOST);
}

static int find_wronged(struct clickhouse *handle,
    const struct count_scope *scope, struct wronged *wronged, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_agent, .arg = wronged, .most_us = MEND_US};
	int error;

	print_wronged(&sql, scope);
	select.sql = sql.data;
	error = sql.failed ? -ENOMEM : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error == -ENOMEM ? err_system(err, error, "rollups") : error;
}

/* Rows of a day that is removed are gone, and their counts stay; the oldest one
 * may be removed right now. */
static int may_mend(
    struct clickhouse *handle, int32_t day, bool *may, struct err *err)
{
	struct clickhouse_meta meta;
	int error = clickhouse_meta_read_newest(handle, &meta, err);

	*may = error == 0 &&
	       rollup_day_ms(day) >= meta.values[META_EXPIRED_MS] + DAY_MS;
	return error;
}

int mend_day(
    struct clickhouse *handle, const struct count_scope *scope, struct err *err)
{
	struct count_scope mended = {.day = scope->day};
	struct wronged wronged = {.agents = {0}};
	bool may = false;
	int error = find_wronged(handle, scope, &wronged, err);

	if (error == 0 && wronged.agents.length > 0)
		error = may_mend(handle, scope->day, &may, err);
	mended.agents = wronged.agents.data;
	if (error == 0 && may)
		error = mend_all(handle, mended, err);
	buf_free(&wronged.agents);
	return error;
}
