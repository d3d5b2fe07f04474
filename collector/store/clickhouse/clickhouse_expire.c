/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_expire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_shared.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"

#define RECENT_DAYS 2
#define COUNT_US    INT64_C(2000000)

/* What is in the store. */
struct found {
	int32_t oldest, newest; /* days; -1: none */
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

static int find_days(struct clickhouse *handle, const char *table,
    const char *where, int32_t day, struct found *found, struct err *err)
{
	struct clickhouse_select select = {.row = take_days, .arg = found};
	struct buf sql = {0};
	int error;

	buf_printf(&sql,
	    "SELECT min(day), max(day), count() FROM @D.%s"
	    " WHERE day %s toDate(%" PRId32 ")",
	    table, where, day);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "days")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

/* Of those that end before that time. Entries may be left of a day whose rows
 * went: one died in between. */
static int find_oldest(struct clickhouse *handle, int64_t before_ms,
    struct found *found, struct err *err)
{
	struct found rows = {.oldest = -1}, reports = {.oldest = -1};
	int32_t day = before_ms > 0 ? rollup_day(before_ms) : 0;
	int error;

	if (day == 0)
		return 0;
	error = find_days(handle, "measurement", "<", day, &rows, err);
	if (error == 0)
		error = find_days(handle, "report", "<", day, &reports, err);
	found->oldest = rows.oldest;
	if (reports.oldest >= 0 &&
	    (rows.oldest < 0 || reports.oldest < rows.oldest))
		found->oldest = reports.oldest;
	return error;
}

/* All days are read where none is of late. */
static int find_newest(
    struct clickhouse *handle, struct found *found, struct err *err)
{
	struct found rows = {.newest = -1};
	int32_t recent = rollup_day(clock_wall_ms()) - RECENT_DAYS;
	struct clickhouse_select select;
	struct buf sql = {0};
	int error = find_days(handle, "measurement", ">=", recent, &rows, err);

	if (error == 0 && rows.newest < 0)
		error = find_days(
		    handle, "measurement", "<", recent, &rows, err);
	found->newest = rows.newest;
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

/* 0 where that takes too long. Few rows of an old day are there twice. */
static int64_t count(struct clickhouse *handle, const char *what, int32_t day)
{
	int64_t counted = 0;
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_time, .arg = &counted, .most_us = COUNT_US};

	buf_printf(&sql, "SELECT toInt64(%s WHERE day = toDate(%" PRId32 ")",
	    what, day);
	select.sql = sql.data;
	if (sql.failed || clickhouse_select(handle, &select, NULL) < 0)
		counted = 0;
	buf_free(&sql);
	return counted;
}

static int drop_from(
    struct clickhouse *handle, const char *table, int32_t day, struct err *err)
{
	struct buf sql = {0};
	int error;

	buf_printf(&sql, "ALTER TABLE @D.%s_local @C DROP PARTITION %" PRId64,
	    table, filter_partition(day));
	error = sql.failed ? err_system(err, -ENOMEM, "days")
			   : clickhouse_tell(handle, sql.data, err);
	buf_free(&sql);
	return error;
}

/* -EINPROGRESS: a server is away. */
static int drop_day(struct clickhouse *handle, int32_t day,
    struct store_expiry *expiry, struct err *err)
{
	int64_t rows = count(handle,
	    "uniqIf(copy, " FILTER_COUNTS ")) FROM @D.measurement", day);
	int64_t reports = count(
	    handle, "uniq(report, agent)) FROM @D.report", day);
	int error = drop_from(handle, "measurement", day, err);
	int then = 0;

	if (error == 0 || error == -EINPROGRESS)
		then = drop_from(handle, "report", day, err);
	if (error == 0)
		error = then;
	if (error == 0) {
		expiry->measurements += rows;
		expiry->reports += reports;
	}
	return error;
}

/* What is dropped is forgotten: the same bytes would come back. So that the day
 * is closed to new rows first. One day a step. Who asks waits to store reports:
 * what a server that is away has not done is looked for at the next step. */
static int drop_oldest(struct clickhouse *handle, int32_t oldest,
    int64_t expired_ms, struct store_expiry *expiry, struct err *err)
{
	int64_t ends_ms = rollup_day_ms(oldest + 1);
	int error = 0;

	if (oldest < 0 || ends_ms > expiry->before_ms)
		return 0;
	if (expired_ms < ends_ms)
		error = clickhouse_meta_write(
		    handle, META_EXPIRED_MS, ends_ms, err);
	if (error == 0)
		error = drop_day(handle, oldest, expiry, err);
	if (error == -EINPROGRESS) {
		log_warn("a server is away that has reports to remove");
		error = 0;
	}
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
		error = find_oldest(handle, expiry->before_ms, &found, err);
	if (error == 0)
		error = find_newest(handle, &found, err);
	if (error < 0)
		return error;
	expiry->newest_ms = found.newest_ms;
	expiry->clock_ms = meta.values[META_CLOCK_MS];
	error = drop_oldest(
	    handle, found.oldest, meta.values[META_EXPIRED_MS], expiry, err);
	if (error == 0 && expiry->keep_clock_ms - expiry->clock_ms >= HOUR_MS)
		error = clickhouse_meta_write(
		    handle, META_CLOCK_MS, expiry->keep_clock_ms, err);
	return error;
}
