/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_count.h"

#include <errno.h>
#include <inttypes.h>

#include "collector/record/codes.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"

static const char counted_sql[] =
    "listed = 1 AND attributed = 1 AND asn != 0 AND outcome != 0";

/* Whether a failure lies between two ASes (rollup_find_asns()). */
static void print_placed(struct buf *sql, const char *column)
{
	buf_printf(sql,
	    "if(outcome IN (%u, %u) AND where_ IN (%u, %u, %u), %s, 0)",
	    code_of(CODE_OUTCOME, OUTCOME_FILTERED),
	    code_of(CODE_OUTCOME, OUTCOME_INTERCEPTED),
	    code_of(CODE_WHERE, WHERE_LINK), code_of(CODE_WHERE, WHERE_ACCESS),
	    code_of(CODE_WHERE, WHERE_PATH), column);
}

void count_print_touched(struct buf *sql, const struct count_scope *scope)
{
	if (scope->touched_ms > 0)
		buf_printf(sql,
		    " AND agent GLOBAL IN (SELECT agent FROM @D.touched"
		    " WHERE at_ms >= %" PRId64 " AND day = toDate(%" PRId32
		    "))",
		    scope->touched_ms, scope->day);
}

void count_print_scope(
    struct buf *sql, const char *final, const struct count_scope *scope)
{
	buf_printf(sql,
	    " FROM @D.measurement%s WHERE day = toDate(%" PRId32 ")", final,
	    scope->day);
	if (scope->received_ms > 0)
		buf_printf(sql,
		    " AND agent GLOBAL IN (SELECT agent FROM @D.measurement"
		    " WHERE day = toDate(%" PRId32
		    ") AND received_ms >= %" PRId64 ")",
		    scope->day, scope->received_ms);
	count_print_touched(sql, scope);
	if (scope->agents != NULL)
		buf_printf(sql, " AND agent IN (%s)", scope->agents);
}

/* Note which copies of rows do not count: all of a row but the least. */
static void print_superseded(struct buf *sql, const struct count_scope *scope)
{
	buf_printf(sql,
	    "INSERT INTO @D.superseded (copy) SELECT copy FROM (SELECT"
	    " min(copy) AS least, groupUniqArray(copy) AS copies"
	    " FROM @D.measurement WHERE day = toDate(%" PRId32 ")"
	    " AND cityHash64(agent, report, n) GLOBAL IN (SELECT"
	    " cityHash64(agent, report, n) AS identity",
	    scope->day);
	count_print_scope(sql, "", scope);
	buf_append_text(sql, " GROUP BY identity HAVING min(copy) != max(copy))"
			     " GROUP BY agent, report, n)"
			     " ARRAY JOIN copies AS copy WHERE copy != least"
			     " AND" FILTER_COUNTS);
}

/* The version of a count. */
static void print_version(struct buf *sql, const struct count_scope *scope)
{
	buf_printf(sql, COUNT_KNOWN " + %" PRIu64 " AS version",
	    count_version(scope->generation));
}

void count_print(struct buf *sql, const struct count_scope *scope)
{
	buf_append_text(sql, "SELECT day, asn, family, port, prefix, agent,"
			     " endpoint, outcome, mechanism, where_, ");
	print_placed(sql, "after_asn");
	buf_append_text(sql, " AS after, ");
	print_placed(sql, "before_asn");
	buf_append_text(sql,
	    " AS before, countIf(" COUNT_COUNTS ") AS counted, min(at_ms),"
	    " max(at_ms), ");
	print_version(sql, scope);
	count_print_scope(sql, " FINAL", scope);
	buf_printf(sql,
	    " AND %s GROUP BY day, asn, family, port, prefix, agent, endpoint,"
	    " outcome, mechanism, where_, after, before",
	    counted_sql);
}

static void print_rollup(struct buf *sql, const struct count_scope *scope)
{
	buf_append_text(
	    sql, "INSERT INTO @D.rollup (" ROWS_ROLLUP ", copies) ");
	count_print(sql, scope);
}

static void print_vantage(struct buf *sql, const struct count_scope *scope)
{
	buf_printf(sql,
	    "INSERT INTO @D.vantage (" COUNT_VANTAGE ") SELECT day, asn,"
	    " country, network, agent, max(if(%s, run_by, '')), max(own),"
	    " countIf(%s AND " COUNT_COUNTS
	    "), countIf(listed = 1 AND " COUNT_COUNTS
	    "), min(at_ms), max(at_ms), ",
	    counted_sql, counted_sql);
	print_version(sql, scope);
	count_print_scope(sql, " FINAL", scope);
	buf_append_text(sql, " GROUP BY day, asn, country, network, agent");
}

int count_run(struct clickhouse *handle, count_printer *print,
    const struct count_scope *scope, struct err *err)
{
	struct buf sql = {0};
	int error;

	print(&sql, scope);
	error = sql.failed ? err_system(err, -ENOMEM, "rollups")
			   : clickhouse_derive(handle, sql.data, err);
	buf_free(&sql);
	return error;
}

/* Vantages before rollups: what was taken back in between is in a vantage then,
 * where it is found (clickhouse_mend.h). */
int count_day(
    struct clickhouse *handle, const struct count_scope *scope, struct err *err)
{
	int error = count_run(handle, print_superseded, scope, err);

	if (error == 0)
		error = count_run(handle, print_vantage, scope, err);
	if (error == 0)
		error = count_run(handle, print_rollup, scope, err);
	return error;
}
