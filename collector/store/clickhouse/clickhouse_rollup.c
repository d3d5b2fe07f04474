/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_rollup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/codes.h"
#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

#define OVERLAP_MS (2 * MINUTE_MS) /* rows that a replica got late */
#define NEAR_DAYS  3
#define WHOLE_US   (INT64_C(3600) * 1000000)
#define NOTE_MS    (30 * 1000)
#define ROLLUPS_US INT64_C(600000000)

/* --- counting --- */

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

/* The rows of a day, of agents that were heard of since; 0: of all. */
static void print_touched(struct buf *sql, int32_t day, int64_t since_ms)
{
	buf_printf(sql,
	    " FROM @D.measurement FINAL WHERE day = toDate(%" PRId32 ")", day);
	if (since_ms > 0)
		buf_printf(sql,
		    " AND agent GLOBAL IN (SELECT agent FROM @D.measurement"
		    " WHERE day = toDate(%" PRId32
		    ") AND received_ms >= %" PRId64 ")",
		    day, since_ms);
}

static void print_rollup(struct buf *sql, int32_t day, int64_t since_ms)
{
	buf_append_text(sql, "INSERT INTO @D.rollup (" ROWS_ROLLUP ") SELECT"
			     " day, asn, family, port, prefix, agent,"
			     " endpoint, outcome, mechanism, where_, ");
	print_placed(sql, "after_asn");
	buf_append_text(sql, " AS after, ");
	print_placed(sql, "before_asn");
	buf_append_text(sql, " AS before, count(), min(at_ms), max(at_ms)");
	print_touched(sql, day, since_ms);
	buf_printf(sql,
	    " AND %s GROUP BY day, asn, family, port, prefix, agent, endpoint,"
	    " outcome, mechanism, where_, after, before",
	    counted_sql);
}

static void print_vantage(struct buf *sql, int32_t day, int64_t since_ms)
{
	buf_printf(sql,
	    "INSERT INTO @D.vantage (day, asn, country, network, agent, run_by,"
	    " own, counted, listed, rows, first_ms, last_ms) SELECT day, asn,"
	    " country, network, agent, max(if(%s, run_by, '')), max(own),"
	    " countIf(%s), countIf(listed = 1), count(), min(at_ms),"
	    " max(at_ms)",
	    counted_sql, counted_sql);
	print_touched(sql, day, since_ms);
	buf_append_text(sql, " GROUP BY day, asn, country, network, agent");
}

static int count_day(
    struct clickhouse *handle, int32_t day, int64_t since_ms, struct err *err)
{
	void (*const prints[])(struct buf *, int32_t, int64_t) = {
	    print_rollup, print_vantage};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < 2; i++) {
		struct buf sql = {0};

		prints[i](&sql, day, since_ms);
		error = sql.failed ? err_system(err, -ENOMEM, "rollups")
				   : clickhouse_derive(handle, sql.data, err);
		buf_free(&sql);
	}
	return error;
}

/* --- which days --- */

struct day_list {
	int32_t *days; /* owned */
	size_t count;
};

static int take_day(void *arg, struct wire *wire)
{
	struct day_list *list = arg;
	int32_t day = (int32_t)wire_take(wire, 2), *grown;

	if (wire->ran_out)
		return 0;
	grown = array_grow(list->days, list->count, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	list->days = grown;
	grown[list->count++] = day;
	return 0;
}

/* Count the days from `from` to `to` that have rows received since. */
static int count_days(struct clickhouse *handle, const int32_t span[2],
    int64_t since_ms, struct err *err)
{
	struct day_list list = {0};
	struct buf sql = {0};
	struct clickhouse_select select = {.row = take_day, .arg = &list};
	size_t i;
	int error;

	buf_printf(&sql,
	    "SELECT day FROM @D.measurement WHERE day >= toDate(%" PRId32 ")"
	    " AND day <= toDate(%" PRId32 ") AND received_ms >= %" PRId64
	    " GROUP BY day ORDER BY day",
	    span[0], span[1], since_ms);
	select.sql = sql.data;
	error = sql.failed ? -ENOMEM : clickhouse_select(handle, &select, err);
	for (i = 0; error == 0 && i < list.count; i++)
		error = count_day(handle, list.days[i], since_ms, err);
	free(list.days);
	buf_free(&sql);
	return error == -ENOMEM ? err_system(err, error, "rollups") : error;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Where this handle has not counted yet: from where others did. */
static int begin_counting(
    struct clickhouse *handle, int64_t now_ms, struct err *err)
{
	struct clickhouse_meta meta;
	int error = clickhouse_meta_read(handle, &meta, err);

	if (error < 0)
		return error;
	handle->noted_ms = meta.values[META_ROLLUP_MS];
	handle->counted_ms = least(handle->noted_ms, now_ms) - OVERLAP_MS;
	return 0;
}

/* Once an hour all that was received in between, of any day, and the last days
 * as a whole: rows may be there late, or from a collector whose clock is
 * behind. */
static int count_whole(
    struct clickhouse *handle, int64_t now_ms, struct err *err)
{
	const int32_t all[2] = {0, UINT16_MAX};
	const int32_t recent[2] = {
	    rollup_day(now_ms) - 1, rollup_day(now_ms) + 1};
	int error = count_days(handle, all,
	    handle->whole_ms != 0 ? handle->whole_ms : handle->counted_ms, err);

	return error == 0 ? count_days(handle, recent, 0, err) : error;
}

int clickhouse_upkeep(struct store *store, int64_t now_ms, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	const int32_t near[2] = {rollup_day(now_ms) - NEAR_DAYS, UINT16_MAX};
	int64_t now_us = clock_mono_us();
	bool is_whole = handle->whole_us == 0 ||
			now_us - handle->whole_us > WHOLE_US;
	int error = clickhouse_probe(handle, err);

	if (error == 0 && handle->whole_us == 0)
		error = begin_counting(handle, now_ms, err);
	if (error == 0)
		error = is_whole
			    ? count_whole(handle, now_ms, err)
			    : count_days(handle, near, handle->counted_ms, err);
	if (error < 0)
		return error;
	handle->counted_ms = now_ms - OVERLAP_MS;
	if (is_whole) {
		handle->whole_us = now_us;
		handle->whole_ms = handle->counted_ms;
	}
	clickhouse_shared_forget(handle);
	if (now_ms - handle->noted_ms < NOTE_MS)
		return 0;
	handle->noted_ms = now_ms;
	return clickhouse_meta_write(handle, META_ROLLUP_MS, now_ms, err);
}

/* --- listing --- */

struct rollup_listing {
	const struct row_filter *filter;
	rollup_visit *visit;
	void *arg;
	struct err *err;
	struct rollup_row last;
	bool has_last;
};

/* Two copies of a row: of a key that another server holds too. */
static bool is_same_key(const struct rollup_row *a, const struct rollup_row *b)
{
	return a->day == b->day && a->asn == b->asn && a->family == b->family &&
	       a->port == b->port && a->outcome == b->outcome &&
	       a->mechanism == b->mechanism && a->where == b->where &&
	       a->after_asn == b->after_asn && a->before_asn == b->before_asn &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->endpoint, b->endpoint) == 0;
}

/* Of equal keys the first has the largest count. */
static int take_rollup(void *arg, struct wire *wire)
{
	struct rollup_listing *listing = arg;
	const struct row_filter *filter = listing->filter;
	struct rollup_row row;
	bool is_right = rows_take_rollup(wire, &row);

	if (wire->ran_out)
		return 0;
	if (!is_right)
		return err_system(listing->err, -EBADMSG, "a rollup");
	if (listing->has_last && is_same_key(&listing->last, &row))
		return 0;
	listing->last = row;
	listing->has_last = true;
	if ((filter->since_ms != 0 && row.last_ms < filter->since_ms) ||
	    (filter->until_ms != 0 && row.first_ms >= filter->until_ms))
		return 0;
	return listing->visit(listing->arg, &row);
}

static void print_rollups(struct buf *sql, const struct row_filter *filter)
{
	buf_append_text(sql, "SELECT " ROWS_ROLLUP
			     " FROM @D.rollup FINAL WHERE" FILTER_NOT_REVOKED);
	if (filter->has_asn)
		buf_printf(sql, " AND asn = %u", filter->asn);
	else if (filter->asn_from != 0)
		buf_printf(sql, " AND asn >= %u", filter->asn_from);
	if (filter->since_ms != 0)
		buf_printf(sql, " AND day >= toDate(%u)",
		    filter_day(filter->since_ms));
	if (filter->until_ms != 0)
		buf_printf(sql, " AND day <= toDate(%u)",
		    filter_day(filter->until_ms));
	if (filter->family != 0)
		buf_printf(sql, " AND family = %u", filter->family);
	if (filter->port != 0)
		buf_printf(sql, " AND port = %u", filter->port);
	filter_print_country_of_asn(sql, filter->country);
	buf_append_text(sql,
	    " ORDER BY asn, family, port, day, prefix, agent, endpoint,"
	    " outcome, mechanism, where_, after_asn, before_asn, count DESC");
}

int clickhouse_rollups(struct store *store, const struct row_filter *filter,
    rollup_visit *visit, void *arg, struct err *err)
{
	struct rollup_listing listing = {
	    .filter = filter, .visit = visit, .arg = arg, .err = err};
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_rollup, .arg = &listing, .most_us = ROLLUPS_US};
	int error;

	print_rollups(&sql, filter);
	select.sql = sql.data;
	error = sql.failed
		    ? err_system(err, -ENOMEM, "rollups")
		    : clickhouse_select(clickhouse_of(store), &select, err);
	buf_free(&sql);
	return error;
}

struct vantage_listing {
	rollup_first_visit *visit;
	void *arg;
};

static int take_vantage(void *arg, struct wire *wire)
{
	const struct vantage_listing *listing = arg;
	struct vantage vantage = {.is_local = false};

	wire_take_text(wire, vantage.agent, sizeof(vantage.agent));
	vantage.first_day = (int32_t)wire_take(wire, 2);
	wire_take_text(wire, vantage.run_by, sizeof(vantage.run_by));
	vantage.is_local = wire_take(wire, 1) != 0;
	return wire->ran_out ? 0 : listing->visit(listing->arg, &vantage);
}

/* Its operator by its newest day, and of a day's the greater name. */
int clickhouse_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err)
{
	struct vantage_listing listing = {visit, arg};
	const struct clickhouse_select select = {
	    .sql = "SELECT agent, min(day), substring(max(if(run_by != '',"
		   " concat(toString(day), run_by), '')), 11), max(own)"
		   " FROM @D.vantage FINAL WHERE counted > 0"
		   " AND" FILTER_NOT_REVOKED " GROUP BY agent ORDER BY agent",
	    .row = take_vantage,
	    .arg = &listing,
	    .most_us = ROLLUPS_US,
	};

	return clickhouse_select(clickhouse_of(store), &select, err);
}
