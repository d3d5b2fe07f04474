/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_expire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "lib/base/day.h"

/* What is in the store. */
struct found {
	int32_t oldest, newest; /* days; -1: none. The newest has rows */
	int64_t newest_ms;
};

static int take_days(void *arg, struct wire *wire)
{
	struct found *found = arg;
	int32_t oldest = (int32_t)wire_take(wire, 2);
	int32_t newest = (int32_t)wire_take(wire, 2);
	uint64_t count = wire_take(wire, 8);

	if (wire->ran_out || count == 0)
		return 0;
	found->oldest = oldest;
	found->newest = newest;
	return 0;
}

static int take_time(void *arg, struct wire *wire)
{
	int64_t value = wire_take_signed(wire, 8);

	if (!wire->ran_out)
		*(int64_t *)arg = value;
	return 0;
}

static int find_days(struct clickhouse *handle, const char *sql,
    struct found *found, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = sql, .row = take_days, .arg = found};

	return clickhouse_select(handle, &select, err);
}

/* Entries may be left of a day whose rows went: one died in between. */
static int look(struct clickhouse *handle, struct found *found, struct err *err)
{
	struct found reports = {.oldest = -1, .newest = -1};
	struct clickhouse_select select;
	struct buf sql = {0};
	int error = find_days(handle,
	    "SELECT min(day), max(day), count() FROM @D.measurement", found,
	    err);

	if (error == 0)
		error = find_days(handle,
		    "SELECT min(day), max(day), count() FROM @D.report",
		    &reports, err);
	if (reports.oldest >= 0 &&
	    (found->oldest < 0 || reports.oldest < found->oldest))
		found->oldest = reports.oldest;
	if (error < 0 || found->newest < 0)
		return error;
	buf_printf(&sql,
	    "SELECT max(at_ms) FROM @D.measurement"
	    " WHERE day = toDate(%" PRId32 ")",
	    found->newest);
	select = (struct clickhouse_select){
	    .sql = sql.data, .row = take_time, .arg = &found->newest_ms};
	error = sql.failed ? err_system(err, -ENOMEM, "days")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

static int count(struct clickhouse *handle, const char *what, int32_t day,
    int64_t *counted, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {.row = take_time, .arg = counted};
	int error;

	buf_printf(&sql,
	    "SELECT toInt64(%s FINAL WHERE day = toDate(%" PRId32 ")", what,
	    day);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "days")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

static int drop_day(struct clickhouse *handle, int32_t day,
    struct store_expiry *expiry, struct err *err)
{
	static const char *const tables[] = {"measurement", "report"};
	static const char *const counts[] = {"countIf(" FILTER_COUNTS
					     ")) FROM @D.measurement",
	    "count()) FROM @D.report"};
	int64_t counted[2] = {0};
	struct buf sql = {0};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < 2; i++)
		error = count(handle, counts[i], day, &counted[i], err);
	for (i = 0; error == 0 && i < 2; i++) {
		buf_clear(&sql);
		buf_printf(&sql,
		    "ALTER TABLE @D.%s_local @C DROP PARTITION %" PRId64,
		    tables[i], filter_partition(day));
		error = sql.failed ? err_system(err, -ENOMEM, "days")
				   : clickhouse_run(handle, sql.data, err);
	}
	buf_free(&sql);
	if (error == 0) {
		expiry->measurements += counted[0];
		expiry->reports += counted[1];
	}
	return error;
}

/* What is dropped is forgotten: the same bytes would come back. So that the day
 * is closed to new rows first. One day a step. */
static int drop_oldest(struct clickhouse *handle, const struct found *found,
    struct store_expiry *expiry, struct err *err)
{
	int64_t ends_ms = rollup_day_ms(found->oldest + 1);
	int error;

	if (found->oldest < 0 || ends_ms > expiry->before_ms)
		return 0;
	error = clickhouse_meta_write(handle, META_EXPIRED_MS, ends_ms, err);
	if (error == 0)
		error = drop_day(handle, found->oldest, expiry, err);
	expiry->more = error == 0;
	clickhouse_shared_forget(handle);
	return error;
}

int clickhouse_expire(
    struct store *store, struct store_expiry *expiry, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct found found = {.oldest = -1, .newest = -1};
	struct clickhouse_meta meta;
	int error = clickhouse_probe(handle, err);

	expiry->reports = expiry->measurements = 0;
	expiry->newest_ms = expiry->clock_ms = 0;
	expiry->more = false;
	if (error == 0)
		error = clickhouse_meta_read(handle, &meta, err);
	if (error == 0)
		error = look(handle, &found, err);
	if (error < 0)
		return error;
	expiry->newest_ms = found.newest_ms;
	expiry->clock_ms = meta.values[META_CLOCK_MS];
	error = drop_oldest(handle, &found, expiry, err);
	if (error == 0 && expiry->keep_clock_ms - expiry->clock_ms >= HOUR_MS)
		error = clickhouse_meta_write(
		    handle, META_CLOCK_MS, expiry->keep_clock_ms, err);
	return error;
}
