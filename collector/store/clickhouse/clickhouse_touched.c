/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_touched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "lib/base/array.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/log.h"

#define KEEP_DAYS 3
#define FIRST_MS  (10 * MINUTE_MS) /* of what was there at first */
#define AHEAD_MS  (5 * MINUTE_MS)  /* what is taken of an agent's clock */
#define WARN_US   INT64_C(3600000000)

/* --- writing --- */

/* A day of an agent. */
struct place {
	int32_t day;
	const char *agent;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	return strcmp(left->agent, right->agent);
}

static size_t count_rows(const struct incoming *incoming, size_t count)
{
	size_t i, rows = 0;

	for (i = 0; i < count; i++)
		if (incoming_has_rows(&incoming[i]))
			rows += incoming[i].report->nrows;
	return rows;
}

static size_t list_places(
    const struct incoming *incoming, size_t count, struct place *places)
{
	size_t i, row, at = 0;

	for (i = 0; i < count; i++)
		for (row = 0; incoming_has_rows(&incoming[i]) &&
			      row < incoming[i].report->nrows;
		     row++)
			places[at++] = (struct place){
			    rollup_day(incoming[i].report->rows[row].at_ms),
			    incoming[i].report->rows[row].agent};
	qsort(places, at, sizeof(*places), compare_places);
	return at;
}

/* No row is newer, so that who is behind need not wait until his own clock says
 * so; of what an import brings no more is believed than of an agent. */
static int64_t stamp(const struct incoming *incoming, size_t count)
{
	int64_t now_ms = clock_wall_ms(), newest_ms = now_ms;
	size_t i;

	for (i = 0; i < count; i++)
		if (incoming_has_rows(&incoming[i]) &&
		    incoming[i].last_ms > newest_ms)
			newest_ms = incoming[i].last_ms;
	return newest_ms < now_ms + AHEAD_MS ? newest_ms : now_ms + AHEAD_MS;
}

int touched_write(struct clickhouse *handle, const struct incoming *incoming,
    size_t count, struct err *err)
{
	struct place *places = malloc(
	    (count_rows(incoming, count) + 1) * sizeof(*places));
	int64_t now_ms = stamp(incoming, count);
	struct buf rows = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.touched (written, at_ms, day, agent)",
	    .rows = &rows,
	    .is_derived = true,
	};
	size_t i, nplaces;
	int error;

	if (places == NULL)
		return err_system(err, -ENOMEM, "rows");
	nplaces = list_places(incoming, count, places);
	for (i = 0; i < nplaces; i++) {
		if (i > 0 && compare_places(&places[i - 1], &places[i]) == 0)
			continue;
		wire_put(&rows, (uint64_t)rollup_day(now_ms), 2);
		wire_put(&rows, (uint64_t)now_ms, 8);
		wire_put(&rows, (uint64_t)places[i].day, 2);
		wire_put_text(&rows, places[i].agent);
	}
	free(places);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&rows);
	return error;
}

/* --- looking --- */

/* Parts that are new. */
struct looking {
	const struct clickhouse_touched *touched;
	struct buf names; /* as SQL */
	struct parts parts;
	int64_t least_ms, most_ms;
	int64_t believed_ms; /* no clock is further ahead of this one's, */
	int64_t newest_ms;   /* the most of these; 0: none */
};

static int take_part(void *arg, struct wire *wire)
{
	struct looking *looking = arg;
	char name[PARTS_NAME_SIZE];
	struct parts_span span;

	wire_take_text(wire, name, sizeof(name));
	if (wire->ran_out || !parts_parse(name, &span) ||
	    parts_have(&looking->touched->parts, &span))
		return 0;
	buf_printf(&looking->names, "%s'%s'",
	    looking->names.length > 0 ? ", " : "", name);
	return looking->names.failed ? -ENOMEM : 0;
}

static int take_times(void *arg, struct wire *wire)
{
	struct looking *looking = arg;
	char name[PARTS_NAME_SIZE];
	struct parts_span span;
	int64_t least_ms, most_ms, newest_ms;

	wire_take_text(wire, name, sizeof(name));
	least_ms = wire_take_signed(wire, 8);
	most_ms = wire_take_signed(wire, 8);
	newest_ms = wire_take_signed(wire, 8);
	if (wire->ran_out || !parts_parse(name, &span))
		return 0;
	if (least_ms < looking->least_ms)
		looking->least_ms = least_ms;
	if (most_ms > looking->most_ms)
		looking->most_ms = most_ms;
	if (newest_ms > looking->newest_ms)
		looking->newest_ms = newest_ms;
	return parts_add(&looking->parts, &span);
}

/* A part that is merged between both questions is asked for the next time. */
static int ask(
    struct clickhouse *handle, struct looking *looking, struct err *err)
{
	struct clickhouse_select select = {
	    .sql = "SELECT name FROM system.parts WHERE database = '@D'"
		   " AND table = 'touched' AND active",
	    .row = take_part,
	    .arg = looking,
	};
	struct buf sql = {0};
	int error = clickhouse_select(handle, &select, err);

	if (error != 0 || looking->names.length == 0)
		return error;
	buf_printf(&sql,
	    "SELECT _part, min(at_ms), max(at_ms), max(if(at_ms <= %" PRId64
	    ", at_ms, 0)) FROM @D.touched WHERE _part IN (%s) GROUP BY _part",
	    looking->believed_ms, looking->names.data);
	select.sql = sql.data;
	select.row = take_times;
	error = sql.failed ? -ENOMEM : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

static void forget_old(struct clickhouse_touched *touched, int64_t now_us)
{
	size_t i, kept = 0;

	for (i = 0; i < touched->count; i++)
		if (touched->looks[i].counted_us == 0 ||
		    now_us - touched->looks[i].counted_us < TOUCHED_KEEP_US)
			touched->looks[kept++] = touched->looks[i];
	touched->count = kept;
}

/* Of what was there at first the newest, since days are counted as a whole
 * then. */
static int note(
    struct clickhouse_touched *touched, const struct looking *looking)
{
	int64_t now_us = clock_mono_us(), at_ms = looking->least_ms;
	bool is_first = !touched->began;
	struct touched_look *grown;
	size_t i;
	int error = 0;

	forget_old(touched, now_us);
	touched->began = true;
	if (looking->parts.count == 0)
		return 0;
	if (is_first && at_ms < looking->most_ms - FIRST_MS)
		at_ms = looking->most_ms - FIRST_MS;
	grown = array_grow(touched->looks, touched->count, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	touched->looks = grown;
	grown[touched->count++] = (struct touched_look){
	    .seen_us = now_us, .at_ms = at_ms};
	for (i = 0; error == 0 && i < looking->parts.count; i++)
		error = parts_add(&touched->parts, &looking->parts.spans[i]);
	return error;
}

/* What came late is told by its least time: the further apart the clocks are,
 * the more is counted again. */
static void warn(struct clickhouse_touched *touched, int64_t now_ms)
{
	int64_t now_us = clock_mono_us();

	if (touched->newest_ms <= now_ms + AHEAD_MS + MINUTE_MS ||
	    (touched->warned_us != 0 && now_us - touched->warned_us < WARN_US))
		return;
	touched->warned_us = now_us;
	log_warn("another collector's clock is %" PRId64
		 " s ahead of this one's",
	    (touched->newest_ms - now_ms) / 1000);
}

int touched_look(struct clickhouse *handle, struct clickhouse_touched *touched,
    struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	struct looking looking = {
	    .touched = touched,
	    .least_ms = INT64_MAX,
	    .most_ms = INT64_MIN,
	    .believed_ms = now_ms + CLICKHOUSE_APART_MS,
	};
	int error = ask(handle, &looking, err);

	if (error == 0)
		error = note(touched, &looking);
	if (touched->newest_ms > looking.believed_ms)
		touched->newest_ms = 0;
	if (looking.newest_ms > touched->newest_ms)
		touched->newest_ms = looking.newest_ms;
	warn(touched, now_ms);
	buf_free(&looking.names);
	parts_free(&looking.parts);
	return error == -ENOMEM ? err_system(err, error, "rollups") : error;
}

int64_t touched_seen(const struct clickhouse_touched *touched, int64_t us)
{
	int64_t least = TOUCHED_NONE;
	size_t i;

	for (i = 0; i < touched->count; i++)
		if (touched->looks[i].seen_us >= us &&
		    touched->looks[i].at_ms < least)
			least = touched->looks[i].at_ms;
	return least;
}

int64_t touched_counted(const struct clickhouse_touched *touched, int64_t us)
{
	int64_t least = TOUCHED_NONE;
	size_t i;

	for (i = 0; i < touched->count; i++)
		if (touched->looks[i].counted_us != 0 &&
		    touched->looks[i].counted_us >= us &&
		    touched->looks[i].at_ms < least)
			least = touched->looks[i].at_ms;
	return least;
}

void touched_count(struct clickhouse_touched *touched, int64_t us)
{
	int64_t now_us = clock_mono_us();
	size_t i;

	for (i = 0; i < touched->count; i++)
		if (touched->looks[i].seen_us >= us)
			touched->looks[i].counted_us = now_us;
}

/* --- removing --- */

struct old_days {
	int32_t before;
	int64_t partitions[8];
	size_t count;
};

static int take_day(void *arg, struct wire *wire)
{
	struct old_days *old = arg;
	int32_t day = (int32_t)wire_take(wire, 2);

	if (!wire->ran_out && day < old->before && old->count < 8)
		old->partitions[old->count++] = filter_partition(day);
	return 0;
}

/* Whichever server is told, the one that leads does it, and all others follow
 * when they are there. */
int touched_expire(struct clickhouse *handle, int32_t today, struct err *err)
{
	struct old_days old = {.before = today - KEEP_DAYS};
	const struct clickhouse_select select = {
	    .sql = "SELECT written FROM @D.touched GROUP BY written",
	    .row = take_day,
	    .arg = &old,
	};
	int error = clickhouse_select(handle, &select, err);
	char sql[100];
	size_t i;

	for (i = 0; error == 0 && i < old.count; i++) {
		snprintf(sql, sizeof(sql),
		    "ALTER TABLE @D.touched DROP PARTITION %" PRId64,
		    old.partitions[i]);
		error = clickhouse_tell(handle, sql, err);
	}
	return error;
}

void touched_free(struct clickhouse_touched *touched)
{
	parts_free(&touched->parts);
	free(touched->looks);
	*touched = (struct clickhouse_touched){0};
}
