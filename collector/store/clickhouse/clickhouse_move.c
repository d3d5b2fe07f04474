/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_move.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/codes.h"
#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_filter.h"
#include "collector/store/clickhouse/clickhouse_incoming.h"
#include "collector/store/clickhouse/clickhouse_meta.h"
#include "collector/store/clickhouse/clickhouse_registry.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "collector/store/clickhouse/clickhouse_write.h"
#include "lib/base/base64.h"

#define ROLLUPS_MOST 50000 /* an insert */

/* --- reports --- */

/* Reports of which it is asked whether they are here. */
struct presence {
	struct incoming *reports; /* by UUID */
	size_t count;
};

static int compare_uuids(const void *a, const void *b)
{
	const struct incoming *left = a, *right = b;

	return memcmp(left->uuid, right->uuid, ROW_UUID_BYTES);
}

/* One whose agent has sent it meanwhile is written again, as its own. */
static int take_present(void *arg, struct wire *wire)
{
	const struct presence *presence = arg;
	struct incoming key, *found;
	uint64_t own;

	wire_take_fixed(wire, key.uuid, sizeof(key.uuid));
	own = wire_take(wire, 1);
	if (wire->ran_out)
		return 0;
	found = bsearch(&key, presence->reports, presence->count, sizeof(key),
	    compare_uuids);
	if (found != NULL && (own != 0 || !found->own))
		found->repeats = true;
	return 0;
}

static void print_presence(const struct presence *presence, struct buf *sql)
{
	char hex[33];
	size_t i;

	buf_append_text(sql, "SELECT report, max(own) FROM @D.report"
			     " WHERE report IN (");
	for (i = 0; i < presence->count; i++) {
		hex_encode(presence->reports[i].uuid, ROW_UUID_BYTES, hex);
		buf_printf(sql, "%sunhex('%s')", i > 0 ? ", " : "", hex);
	}
	buf_append_text(sql, ") AND day IN (");
	for (i = 0; i < presence->count; i++)
		buf_printf(sql, "%stoDate(%" PRId32 ")", i > 0 ? ", " : "",
		    rollup_day(presence->reports[i].first_ms));
	buf_append_text(sql, ") GROUP BY report");
}

static int find_present(
    struct clickhouse *handle, struct presence *presence, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {
	    .row = take_present, .arg = presence};
	int error;

	print_presence(presence, &sql);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "reports")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

int clickhouse_move_reports(struct store *store, const struct move_batch *batch,
    bool again, int64_t *stored, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct presence presence = {.count = batch->nreports};
	size_t i;
	int error = 0;

	presence.reports = calloc(
	    batch->nreports + 1, sizeof(*presence.reports));
	if (presence.reports == NULL)
		return err_system(err, -ENOMEM, "reports");
	for (i = 0; error == 0 && i < batch->nreports; i++) {
		presence.reports[i].report = &batch->reports[i];
		error = incoming_read(&presence.reports[i], err);
	}
	qsort(presence.reports, presence.count, sizeof(*presence.reports),
	    compare_uuids);
	if (error == 0 && !again)
		error = find_present(handle, &presence, err);
	if (error == 0)
		error = clickhouse_write_incoming(
		    handle, presence.reports, presence.count, err);
	for (i = 0; error == 0 && i < presence.count; i++)
		*stored += !presence.reports[i].repeats;
	free(presence.reports);
	return error;
}

/* --- limits --- */

int clickhouse_move_limits(
    struct store *store, const struct move_limits *limits, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	int error = limits->has_fingerprint ? clickhouse_bind_secret(store,
						  limits->fingerprint, err)
					    : 0;

	if (error == 0 && limits->expired_ms > 0)
		error = clickhouse_meta_write(
		    handle, META_EXPIRED_MS, limits->expired_ms, err);
	if (error == 0 && limits->clock_ms > 0)
		error = clickhouse_meta_write(
		    handle, META_CLOCK_MS, limits->clock_ms, err);
	return error;
}

/* --- counts --- */

static void put_key(struct buf *rows, const struct rollup_row *row)
{
	wire_put(rows, (uint64_t)row->day, 2);
	wire_put(rows, row->asn, 4);
	wire_put(rows, row->family, 1);
	wire_put(rows, row->port, 2);
	wire_put_text(rows, row->prefix);
	wire_put_text(rows, row->agent);
	wire_put_text(rows, row->endpoint);
	wire_put(rows, code_of(CODE_OUTCOME, (int)row->outcome), 1);
	wire_put(rows, code_of(CODE_MECHANISM, (int)row->mechanism), 1);
	wire_put(rows, code_of(CODE_WHERE, (int)row->where), 1);
	wire_put(rows, row->after_asn, 4);
	wire_put(rows, row->before_asn, 4);
}

static int insert_rollups(struct clickhouse *handle,
    const struct move_counts *counts, struct err *err)
{
	struct buf rows = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.rollup (" ROWS_ROLLUP ", copies)", .rows = &rows};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < counts->nrollups; i++) {
		const struct rollup_row *row = &counts->rollups[i];

		put_key(&rows, row);
		wire_put(&rows, (uint64_t)row->count, 8);
		wire_put(&rows, (uint64_t)row->first_ms, 8);
		wire_put(&rows, (uint64_t)row->last_ms, 8);
		wire_put(&rows, (uint64_t)row->count, 8);
		if ((i + 1) % ROLLUPS_MOST != 0)
			continue;
		error = clickhouse_insert(handle, &insert, err);
		buf_clear(&rows);
	}
	if (error == 0)
		error = clickhouse_insert(handle, &insert, err);
	buf_free(&rows);
	return error;
}

static int compare_asns(const void *a, const void *b)
{
	const struct network_info *left = a, *right = b;

	return (left->asn > right->asn) - (left->asn < right->asn);
}

static int compare_agents(const void *a, const void *b)
{
	const struct vantage *left = a, *right = b;

	return strcmp(left->agent, right->agent);
}

static int compare_places(const void *a, const void *b)
{
	const struct rollup_row *left = *(const struct rollup_row *const *)a,
				*right = *(const struct rollup_row *const *)b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	if (left->asn != right->asn)
		return left->asn < right->asn ? -1 : 1;
	return strcmp(left->agent, right->agent);
}

static void put_vantage(struct buf *rows, const struct move_counts *counts,
    const struct rollup_row *sum)
{
	struct network_info name = {.asn = sum->asn};
	struct vantage vantage = {{0}};
	const struct network_info *named = bsearch(
	    &name, counts->names, counts->nnames, sizeof(name), compare_asns);
	const struct vantage *known;

	memcpy(vantage.agent, sum->agent, sizeof(vantage.agent));
	known = bsearch(&vantage, counts->vantages, counts->nvantages,
	    sizeof(vantage), compare_agents);
	wire_put(rows, (uint64_t)sum->day, 2);
	wire_put(rows, sum->asn, 4);
	wire_put_text(rows, named != NULL ? named->country : "");
	wire_put_text(rows, named != NULL ? named->name : "");
	wire_put_text(rows, sum->agent);
	wire_put_text(rows, known != NULL ? known->run_by : "");
	wire_put(rows, known != NULL && known->is_local, 1);
	wire_put(rows, (uint64_t)sum->count, 8);
	wire_put(rows, 0, 8);
	wire_put(rows, (uint64_t)sum->count, 8);
	wire_put(rows, (uint64_t)sum->first_ms, 8);
	wire_put(rows, (uint64_t)sum->last_ms, 8);
}

/* An agent in a network on a day: the sum of its rollups. */
static int insert_vantages(struct clickhouse *handle,
    const struct move_counts *counts, struct err *err)
{
	const struct rollup_row **order = calloc(
	    counts->nrollups + 1, sizeof(*order));
	struct buf rows = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.vantage (day, asn, country, network, agent, run_by,"
		    " own, counted, listed, copies, first_ms, last_ms)",
	    .rows = &rows};
	size_t i, from;
	int error;

	if (order == NULL)
		return err_system(err, -ENOMEM, "counts");
	for (i = 0; i < counts->nrollups; i++)
		order[i] = &counts->rollups[i];
	qsort(order, counts->nrollups, sizeof(*order), compare_places);
	for (from = 0; from < counts->nrollups; from = i) {
		struct rollup_row sum = *order[from];

		for (i = from + 1; i < counts->nrollups &&
				   compare_places(&order[from], &order[i]) == 0;
		     i++) {
			sum.count += order[i]->count;
			if (order[i]->first_ms < sum.first_ms)
				sum.first_ms = order[i]->first_ms;
			if (order[i]->last_ms > sum.last_ms)
				sum.last_ms = order[i]->last_ms;
		}
		put_vantage(&rows, counts, &sum);
	}
	free(order);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&rows);
	return error;
}

int clickhouse_move_counts(
    struct store *store, const struct move_counts *counts, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	int error;

	if (counts->nrollups == 0)
		return 0;
	error = insert_rollups(handle, counts, err);
	return error == 0 ? insert_vantages(handle, counts, err) : error;
}

/* --- comparing --- */

static int take_number(void *arg, struct wire *wire)
{
	uint64_t number = wire_take(wire, 8);

	if (!wire->ran_out)
		*(int64_t *)arg = (int64_t)number;
	return 0;
}

static int ask_number(struct clickhouse *handle, const char *what, int32_t day,
    int64_t *number, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {.row = take_number, .arg = number};
	int error;

	*number = 0;
	buf_printf(
	    &sql, "SELECT %s WHERE day = toDate(%" PRId32 ")", what, day);
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "a day")
			   : clickhouse_select(handle, &select, err);
	buf_free(&sql);
	return error;
}

int clickhouse_move_count(struct store *store, int32_t day, int64_t *reports,
    int64_t *rows, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	int error = ask_number(
	    handle, "uniqExact(report) FROM @D.report", day, reports, err);

	return error == 0
		   ? ask_number(handle,
			 "countIf(" FILTER_COUNTS ") FROM @D.measurement FINAL",
			 day, rows, err)
		   : error;
}
