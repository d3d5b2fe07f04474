/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_changes.h"

#include <errno.h>
#include <stdlib.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rollup.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "collector/store/clickhouse/clickhouse_touched.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"

#define OVERLAP_US INT64_C(60000000) /* what a server has late */
#define ALL_US     INT64_C(3600000000)

_Static_assert(TOUCHED_KEEP_US > ALL_US + OVERLAP_US,
    "what a reader was not told is kept");

/* A network in which something was counted anew, and the earliest day. */
struct touched {
	struct rollup_row key;
	int32_t from_day;
};

/* Changes that are being visited. */
struct changing {
	struct clickhouse *handle;
	const struct store_changes *changes;
	const struct store_changes_visit *visit;
	int64_t since_ms;
	struct touched *touched; /* owned; by key */
	size_t count, at;        /* networks before `at` were visited */
	struct err *err;
};

static int take_count(void *arg, struct wire *wire)
{
	int64_t count = (int64_t)wire_take(wire, 8);

	if (!wire->ran_out)
		*(int64_t *)arg = count;
	return 0;
}

static int count_revoked(
    struct clickhouse *handle, int64_t *count, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = "SELECT count() FROM @D.revoked FINAL",
	    .row = take_count,
	    .arg = count,
	    .is_sequential = true,
	};

	return clickhouse_select(handle, &select, err);
}

/* --- networks --- */

static int take_touched(void *arg, struct wire *wire)
{
	struct changing *changing = arg;
	struct touched one = {0}, *grown;

	one.key.asn = (uint32_t)wire_take(wire, 4);
	one.key.family = (uint8_t)wire_take(wire, 1);
	one.key.port = (uint16_t)wire_take(wire, 2);
	one.from_day = (int32_t)wire_take(wire, 2);
	if (wire->ran_out)
		return 0;
	if (one.from_day < changing->changes->since_day)
		one.from_day = changing->changes->since_day;
	grown = array_grow(changing->touched, changing->count, sizeof(*grown));
	if (grown == NULL)
		return err_system(changing->err, -ENOMEM, "rollups");
	changing->touched = grown;
	grown[changing->count++] = one;
	return 0;
}

static int find_touched(struct changing *changing)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_touched, .arg = changing};
	int error;

	buf_append_text(&sql, "SELECT asn, family, port, min(day)"
			      " FROM @D.rollup WHERE 1");
	clickhouse_rollup_print_touched(&sql, changing->since_ms);
	buf_append_text(&sql, " GROUP BY asn, family, port"
			      " ORDER BY asn, family, port");
	select.sql = sql.data;
	error = sql.failed ? err_system(changing->err, -ENOMEM, "rollups")
			   : clickhouse_select(
				 changing->handle, &select, changing->err);
	buf_free(&sql);
	return error;
}

static int compare(const struct rollup_row *a, const struct rollup_row *b)
{
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return (a->port > b->port) - (a->port < b->port);
}

/* Begin the networks up to that of the row; NULL: all. */
static int begin_networks(
    struct changing *changing, const struct rollup_row *row)
{
	const struct touched *one;
	int error = 0;

	while (error == 0 && changing->at < changing->count) {
		one = &changing->touched[changing->at];
		if (row != NULL && compare(&one->key, row) > 0)
			break;
		changing->at++;
		error = changing->visit->network(
		    changing->visit->arg, &one->key, one->from_day);
	}
	return error;
}

/* A network that was touched since the list was made is for the next time. */
static int take_row(void *arg, const struct rollup_row *row)
{
	struct changing *changing = arg;
	const struct touched *one;
	int error = begin_networks(changing, row);

	if (error != 0 || changing->at == 0)
		return error;
	one = &changing->touched[changing->at - 1];
	if (compare(&one->key, row) != 0 || row->day < one->from_day)
		return 0;
	return changing->visit->row(changing->visit->arg, row);
}

static int visit_networks(struct changing *changing)
{
	struct row_filter filter;
	int32_t from_day = INT32_MAX;
	size_t i;
	int error = find_touched(changing);

	if (error != 0 || changing->count == 0)
		return error;
	for (i = 0; i < changing->count; i++)
		if (changing->touched[i].from_day < from_day)
			from_day = changing->touched[i].from_day;
	row_filter_init(&filter);
	filter.since_ms = rollup_day_ms(from_day);
	error = clickhouse_rollups_since(changing->handle, changing->since_ms,
	    &filter, take_row, changing, changing->err);
	return error == 0 ? begin_networks(changing, NULL) : error;
}

static int visit_all(struct changing *changing)
{
	const struct store_changes_visit *visit = changing->visit;
	struct store *store = &changing->handle->store;
	struct row_filter filter;
	int error = clickhouse_first_days(
	    store, visit->vantage, visit->arg, changing->err);

	row_filter_init(&filter);
	filter.since_ms = rollup_day_ms(changing->changes->since_day);
	return error == 0 ? clickhouse_rollups(store, &filter, NULL, visit->row,
				visit->arg, changing->err)
			  : error;
}

static int visit_changes(struct changing *changing, bool is_all)
{
	const struct store_changes_visit *visit = changing->visit;
	int error = visit->begin(visit->arg, is_all);

	if (error == 0 && is_all)
		return visit_all(changing);
	if (error == 0 && changing->since_ms == TOUCHED_NONE)
		return 0;
	if (error == 0)
		error = clickhouse_first_days_since(changing->handle,
		    changing->since_ms, visit->vantage, visit->arg,
		    changing->err);
	return error == 0 ? visit_networks(changing) : error;
}

/* All was counted anew, at first or once an hour, or is long ago. */
static bool needs_all(const struct store_mark *mark,
    const struct clickhouse_touched *touched, int64_t now_us)
{
	return mark->at == 0 || touched->is_recounted ||
	       now_us - mark->all_ms >= ALL_US;
}

/* Marks are times of clock_mono_us(). */
int clickhouse_changes(
    struct store *store, struct store_changes *changes, struct err *err)
{
	struct store_mark *mark = &changes->mark;
	struct clickhouse *handle = clickhouse_of(store);
	struct clickhouse_touched *touched = clickhouse_shared_touched(handle);
	int64_t now_us = clock_mono_us(), revoked = 0;
	struct changing changing = {
	    .handle = handle,
	    .changes = changes,
	    .visit = changes->visit,
	    .since_ms = touched_counted(touched, mark->at - OVERLAP_US),
	    .err = err,
	};
	int error = count_revoked(handle, &revoked, err);
	bool is_all = revoked != mark->revoked ||
		      needs_all(mark, touched, now_us);

	if (error == 0)
		error = visit_changes(&changing, is_all);
	free(changing.touched);
	if (error != 0)
		return error;
	mark->at = now_us;
	mark->revoked = revoked;
	if (is_all) {
		mark->all_ms = now_us;
		touched->is_recounted = false;
	}
	return 0;
}
