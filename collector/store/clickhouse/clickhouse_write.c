/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_incoming.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"

#define DAYS_MOST  90 /* a server takes 100 partitions at a time */
#define BYTES_MOST (16 << 20)

/* Rows that are sent together. */
struct batch {
	struct clickhouse *handle;
	const char *into;
	struct buf *bytes;
	int32_t days[DAYS_MOST];
	size_t ndays;
	struct err *err;
};

static int flush(struct batch *batch)
{
	const struct clickhouse_insert insert = {
	    .into = batch->into, .rows = batch->bytes};
	int error = clickhouse_insert(batch->handle, &insert, batch->err);

	buf_clear(batch->bytes);
	batch->ndays = 0;
	return error;
}

/* Make room for a row of that day. */
static int begin_row(struct batch *batch, int32_t day)
{
	size_t i;
	int error = 0;

	for (i = 0; i < batch->ndays; i++)
		if (batch->days[i] == day)
			break;
	if ((i == batch->ndays && i == DAYS_MOST) ||
	    batch->bytes->length > BYTES_MOST)
		error = flush(batch);
	if (error == 0 && (i == batch->ndays || batch->ndays == 0))
		batch->days[batch->ndays++] = day;
	return error;
}

static int add_rows(struct batch *batch, const struct incoming *incoming)
{
	const struct store_report *report = incoming->report;
	struct rows_origin origin = {
	    .received_ms = report->received_ms, .own = incoming->own};
	size_t i;
	int error = 0;

	memcpy(origin.report, incoming->uuid, sizeof(origin.report));
	for (i = 0; error == 0 && i < report->nrows; i++) {
		row_id_number(report->rows[i].id, report->id, &origin.n);
		error = begin_row(batch, rollup_day(report->rows[i].at_ms));
		rows_put_measurement(batch->bytes, &report->rows[i], &origin);
	}
	return error;
}

static int add_report(struct batch *batch, const struct incoming *incoming)
{
	const struct store_report *report = incoming->report;
	int32_t day = rollup_day(incoming->first_ms);
	int error = begin_row(batch, day);

	wire_put(batch->bytes, (uint64_t)day, 2);
	buf_append(batch->bytes, incoming->uuid, sizeof(incoming->uuid));
	wire_put_text(batch->bytes, incoming->agent);
	buf_append(batch->bytes, report->digest, sizeof(report->digest));
	wire_put_text(batch->bytes, report->agent_id);
	wire_put(batch->bytes, incoming->own, 1);
	wire_put(batch->bytes, (uint64_t)report->received_ms, 8);
	wire_put(batch->bytes, (uint64_t)incoming->first_ms, 8);
	wire_put(batch->bytes, (uint64_t)incoming->last_ms, 8);
	wire_put_bytes(batch->bytes,
	    report->detail != NULL ? report->detail : "",
	    report->detail != NULL ? report->detail_length : 0);
	wire_put_bytes(batch->bytes,
	    report->signed_body != NULL ? report->signed_body : "",
	    report->signed_body != NULL ? report->signed_body_length : 0);
	return error;
}

static int insert_all(struct clickhouse *handle,
    const struct incoming *incoming, size_t count, struct batch *batch,
    int (*add)(struct batch *batch, const struct incoming *incoming))
{
	size_t i;
	int error = 0;

	batch->handle = handle;
	batch->bytes = &handle->batch;
	buf_clear(batch->bytes);
	for (i = 0; error == 0 && i < count; i++)
		if (!incoming[i].refused && !incoming[i].repeats)
			error = add(batch, &incoming[i]);
	return error == 0 ? flush(batch) : error;
}

/* A report is listed when all its rows are stored, so that who is listed need
 * not be stored again. */
static int store_all(struct clickhouse *handle, const struct incoming *incoming,
    size_t count, struct err *err)
{
	struct batch rows = {
	    .into = "@D.measurement (" ROWS_INSERT ")", .err = err};
	struct batch reports = {
	    .into = "@D.report (day, report, agent, digest, agent_id, own,"
		    " received_ms, first_ms, last_ms, detail, body)",
	    .err = err};
	int error = insert_all(handle, incoming, count, &rows, add_rows);

	return error == 0
		   ? insert_all(handle, incoming, count, &reports, add_report)
		   : error;
}

static void tell(const struct incoming *incoming, size_t count,
    const struct store_flags *flags)
{
	size_t i;

	for (i = 0; i < count; i++) {
		flags->duplicate[i] = incoming[i].repeats;
		if (flags->refused != NULL)
			flags->refused[i] = incoming[i].refused;
	}
}

int clickhouse_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err)
{
	struct clickhouse *handle = clickhouse_of(store);
	struct incoming *incoming;
	int error = clickhouse_probe(handle, err);
	size_t i;

	if (handle->read_only)
		return err_system(err, -EROFS, "the store");
	incoming = calloc(count + 1, sizeof(*incoming));
	if (incoming == NULL)
		return err_system(err, -ENOMEM, "reports");
	for (i = 0; i < count; i++)
		incoming[i].report = &reports[i];
	if (error == 0)
		error = incoming_check(
		    handle, incoming, count, flags->refused != NULL, err);
	if (error == 0)
		error = store_all(handle, incoming, count, err);
	if (error == 0)
		tell(incoming, count, flags);
	free(incoming);
	return error;
}
