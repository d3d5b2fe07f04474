/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_rollup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_count.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_mend.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "collector/store/clickhouse/clickhouse_servers.h"
#include "collector/store/clickhouse/clickhouse_share.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "collector/store/clickhouse/clickhouse_touched.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"

#define OVERLAP_MS (2 * MINUTE_MS) /* rows that a replica got late */
#define OVERLAP_US (OVERLAP_MS * 1000)
#define RECENT_MS  (OVERLAP_MS + CLICKHOUSE_APART_MS) /* by any clock */
#define WHOLE_US   (INT64_C(3600) * 1000000)
#define NOTE_MS    (30 * 1000)
#define AGAIN_US   INT64_C(20000000)
#define REST       4 /* times what it took */
#define ROLLUPS_US INT64_C(600000000)
#define MENDS_US   INT64_C(600000000)

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

/* Count the days that a statement has. */
static int count_listed(struct clickhouse *handle, const struct buf *sql,
    struct count_scope scope, struct err *err)
{
	struct day_list list = {0};
	const struct clickhouse_select select = {
	    .sql = sql->data, .row = take_day, .arg = &list};
	size_t i;
	int error = sql->failed ? -ENOMEM
				: clickhouse_select(handle, &select, err);

	for (i = 0; error == 0 && i < list.count; i++) {
		scope.day = list.days[i];
		scope.generation = handle->generation;
		error = count_day(handle, &scope, err);
		if (error == 0)
			error = mend_day(handle, &scope, err);
	}
	free(list.days);
	return error == -ENOMEM ? err_system(err, error, "rollups") : error;
}

/* Count the days from `from` to `to` that have rows received since. */
static int count_days(struct clickhouse *handle, const int32_t span[2],
    int64_t since_ms, struct err *err)
{
	const struct count_scope scope = {.received_ms = since_ms};
	struct buf sql = {0};
	int error;

	buf_printf(&sql,
	    "SELECT day FROM @D.measurement WHERE day >= toDate(%" PRId32 ")"
	    " AND day <= toDate(%" PRId32 ") AND received_ms >= %" PRId64
	    " GROUP BY day ORDER BY day",
	    span[0], span[1], since_ms);
	error = count_listed(handle, &sql, scope, err);
	buf_free(&sql);
	return error;
}

/* Count what was touched, of any day. */
static int count_touched(
    struct clickhouse *handle, int64_t since_ms, struct err *err)
{
	const struct count_scope scope = {.touched_ms = since_ms};
	struct buf sql = {0};
	int error;

	if (since_ms == TOUCHED_NONE)
		return 0;
	buf_printf(&sql,
	    "SELECT day FROM @D.touched WHERE at_ms >= %" PRId64
	    " GROUP BY day ORDER BY day",
	    since_ms);
	error = count_listed(handle, &sql, scope, err);
	buf_free(&sql);
	return error;
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
	if (meta.values[META_GENERATION] > handle->generation)
		handle->generation = meta.values[META_GENERATION];
	if (handle->whole_us != 0)
		return 0;
	handle->noted_ms = meta.values[META_ROLLUP_MS];
	handle->counted_ms = least(handle->noted_ms, now_ms) - RECENT_MS;
	return 0;
}

/* Where that fails it can wait: another server may have to lead first. */
static void remove_old(struct clickhouse *handle, int32_t today)
{
	struct err err = {""};
	int error;

	if (clock_mono_us() < handle->old_us)
		return;
	error = touched_expire(handle, today, &err);
	if (error < 0 && !handle->interrupted)
		log_warn("removing what was touched days ago: %s", err.text);
	handle->old_us = clock_mono_us() + (error < 0 ? AGAIN_US : WHOLE_US);
}

/* Once an hour all that was received in between, and the last days as a whole,
 * whatever was noted of them. */
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

/* What came since the last count, and a little before, which a copy may have
 * had late. */
static int count_new(
    struct clickhouse *handle, bool is_whole, int64_t now_ms, struct err *err)
{
	struct clickhouse_touched *touched = clickhouse_shared_touched(handle);
	int64_t since_us = handle->counted_us - OVERLAP_US;
	int64_t now_us = clock_mono_us(), generation = handle->generation;
	int error = touched_look(handle, touched, err);

	if (error == 0 && is_whole)
		error = count_whole(handle, now_ms, err);
	if (error == 0)
		error = count_touched(
		    handle, touched_seen(touched, since_us), err);
	if (error < 0)
		return error;
	touched_count(touched, since_us);
	touched->is_recounted |= is_whole;
	/* A copy that was late, as of a server that is back, may have been
	 * taken for rows that went: the same once more. */
	if (is_whole)
		handle->owes_whole = handle->generation != generation;
	if (handle->generation == generation ||
	    now_us - handle->counted_us > MENDS_US)
		handle->counted_us = now_us;
	return 0;
}

/* What was touched is noted by one server, which tells the others: where one
 * goes away, that may be gone. Where all is much, servers get some rest. */
static bool is_whole_due(struct clickhouse *handle, int64_t now_us)
{
	int64_t since_us = now_us - handle->whole_us;

	if (servers_went_away(handle))
		handle->owes_whole = true;
	return handle->whole_us == 0 || since_us > WHOLE_US ||
	       (handle->owes_whole && since_us > REST * handle->whole_took_us);
}

int clickhouse_upkeep(struct store *store, int64_t now_ms, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	int64_t now_us = clock_mono_us();
	bool is_whole = is_whole_due(handle, now_us);
	int error = clickhouse_probe(handle, err);

	if (error == 0)
		error = begin_counting(handle, now_ms, err);
	if (error == 0)
		error = count_new(handle, is_whole, now_ms, err);
	if (error < 0)
		return error;
	if (is_whole) {
		handle->whole_us = now_us;
		handle->whole_took_us = clock_mono_us() - now_us;
		handle->whole_ms = now_ms - RECENT_MS;
	}
	remove_old(handle, rollup_day(now_ms));
	clickhouse_shared_forget(handle);
	if (now_ms - handle->noted_ms < NOTE_MS)
		return 0;
	handle->noted_ms = now_ms;
	return clickhouse_meta_write(handle, META_ROLLUP_MS, now_ms, err);
}

int64_t clickhouse_now(struct store *store, int64_t now_ms)
{
	const struct clickhouse_touched *touched = clickhouse_shared_touched(
	    clickhouse_of(store));

	return touched->newest_ms > now_ms &&
		       touched->newest_ms <= now_ms + CLICKHOUSE_APART_MS
		   ? touched->newest_ms
		   : now_ms;
}

/* --- listing --- */

struct rollup_listing {
	const struct row_filter *filter;
	struct rollup_page *page; /* NULL: no end */
	rollup_visit *visit;
	void *arg;
	struct err *err;
	struct rollup_row last;
	bool has_last;
	struct share share;
};

#define CUT 1 /* the page ends */

static bool is_same_day(const struct rollup_row *a, const struct rollup_row *b)
{
	return a->day == b->day && a->asn == b->asn && a->family == b->family &&
	       a->port == b->port;
}

/* True: the page ends before the row. */
static bool ends_before(
    struct rollup_listing *listing, const struct rollup_row *row)
{
	struct rollup_page *page = listing->page;

	if (page == NULL || page->until_us == 0 || !listing->has_last ||
	    is_same_day(&listing->last, row) ||
	    clock_mono_us() < page->until_us)
		return false;
	page->is_cut = true;
	page->from = (struct rollup_place){
	    row->asn, row->family, row->port, row->day};
	return true;
}

/* Two copies of a row: of a key that another server holds too. */
static bool is_same_key(const struct rollup_row *a, const struct rollup_row *b)
{
	return is_same_day(a, b) && a->outcome == b->outcome &&
	       a->mechanism == b->mechanism && a->where == b->where &&
	       a->after_asn == b->after_asn && a->before_asn == b->before_asn &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->endpoint, b->endpoint) == 0;
}

/* Of equal keys the first knew most copies. */
static int take_rollup(void *arg, struct wire *wire)
{
	struct rollup_listing *listing = arg;
	const struct row_filter *filter = listing->filter;
	struct rollup_row row;
	bool is_right = rows_take_rollup(wire, &row), is_read;

	if (wire->ran_out)
		return 0;
	if (!is_right)
		return err_system(listing->err, -EBADMSG, "a rollup");
	if (listing->has_last && is_same_key(&listing->last, &row))
		return 0;
	if (ends_before(listing, &row))
		return CUT;
	is_read = share_takes(
	    &listing->share, listing->has_last ? &listing->last : NULL, &row);
	listing->last = row;
	listing->has_last = true;
	if (!is_read || row.count == 0) /* all of its rows are superseded */
		return 0;
	if ((filter->since_ms != 0 && row.last_ms < filter->since_ms) ||
	    (filter->until_ms != 0 && row.first_ms >= filter->until_ms))
		return 0;
	return listing->visit(listing->arg, &row);
}

/* From the page's place on; of what is before it no key is read. */
static void print_from(struct buf *sql, const struct rollup_page *page)
{
	const struct rollup_place *from = &page->from;

	buf_printf(sql,
	    " AND asn >= %u AND (asn > %u OR family > %u"
	    " OR (family = %u AND (port > %u",
	    from->asn, from->asn, from->family, from->family, from->port);
	buf_printf(sql, " OR (port = %u AND day >= toDate(%u)))))", from->port,
	    from->day > 0 ? (unsigned)from->day : 0);
}

void clickhouse_rollup_print_touched(struct buf *sql, int64_t since_ms)
{
	if (since_ms > 0)
		buf_printf(sql,
		    " AND (day, agent) GLOBAL IN (SELECT day, agent FROM"
		    " @D.touched WHERE at_ms >= %" PRId64
		    " GROUP BY day, agent)",
		    since_ms);
}

static void print_rollups(struct buf *sql, int64_t since_ms,
    const struct row_filter *filter, const struct rollup_page *page)
{
	buf_append_text(sql, "SELECT " ROWS_ROLLUP
			     " FROM @D.rollup FINAL WHERE" FILTER_NOT_REVOKED);
	if (filter->has_asn)
		buf_printf(sql, " AND asn = %u", filter->asn);
	if (page != NULL && page->from.asn != 0)
		print_from(sql, page);
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
	if (since_ms > 0) {
		buf_append_text(sql,
		    " AND (asn, family, port) GLOBAL IN (SELECT asn, family,"
		    " port FROM @D.rollup WHERE 1");
		clickhouse_rollup_print_touched(sql, since_ms);
		buf_append_text(sql, " GROUP BY asn, family, port)");
	}
	buf_append_text(sql,
	    " ORDER BY asn, family, port, day, prefix, agent, endpoint,"
	    " outcome, mechanism, where_, after_asn, before_asn,"
	    " copies DESC, count DESC");
}

static int list_rollups(
    struct clickhouse *handle, int64_t since_ms, struct rollup_listing *listing)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_rollup, .arg = listing, .most_us = ROLLUPS_US};
	int error;

	print_rollups(&sql, since_ms, listing->filter, listing->page);
	select.sql = sql.data;
	error = sql.failed ? err_system(listing->err, -ENOMEM, "rollups")
			   : clickhouse_select(handle, &select, listing->err);
	buf_free(&sql);
	return error;
}

int clickhouse_rollups_since(struct clickhouse *handle, int64_t since_ms,
    const struct row_filter *filter, rollup_visit *visit, void *arg,
    struct err *err)
{
	struct rollup_listing listing = {
	    .filter = filter, .visit = visit, .arg = arg, .err = err};

	return list_rollups(handle, since_ms, &listing);
}

int clickhouse_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err)
{
	struct rollup_listing listing = {
	    .filter = filter,
	    .page = page,
	    .visit = visit,
	    .arg = arg,
	    .err = err,
	};
	int result = list_rollups(clickhouse_of(store), 0, &listing);

	return result > 0 && page != NULL && page->is_cut ? 0 : result;
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
int clickhouse_first_days_since(struct clickhouse *handle, int64_t since_ms,
    rollup_first_visit *visit, void *arg, struct err *err)
{
	struct vantage_listing listing = {visit, arg};
	struct clickhouse_select select = {
	    .row = take_vantage, .arg = &listing, .most_us = ROLLUPS_US};
	struct buf sql = {0};
	int error;

	buf_append_text(&sql,
	    "SELECT agent, min(day), substring(max(if(run_by != '',"
	    " concat(toString(day), run_by), '')), 11), max(own)"
	    " FROM @D.vantage FINAL WHERE counted > 0"
	    " AND" FILTER_NOT_REVOKED);
	if (since_ms > 0)
		buf_printf(&sql,
		    " AND agent GLOBAL IN (SELECT agent FROM @D.touched"
		    " WHERE at_ms >= %" PRId64 " GROUP BY agent)",
		    since_ms);
	buf_append_text(&sql, " GROUP BY agent ORDER BY agent");
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "rollups")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

int clickhouse_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err)
{
	return clickhouse_first_days_since(
	    clickhouse_of(store), 0, visit, arg, err);
}
