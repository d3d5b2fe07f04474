/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/rollup.h"
#include "collector/store/clickhouse/clickhouse_probe.h"
#include "collector/store/clickhouse/clickhouse_query.h"
#include "collector/store/clickhouse/clickhouse_rows.h"
#include "collector/store/clickhouse/clickhouse_touched.h"
#include "lib/sign/sign.h"

/* A day is a partition, and each has to reach its quorum. */
#define DAYS_MOST  16
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

/* A row that is to be sent. */
struct row_place {
	int32_t day;
	uint32_t incoming, row;
};

static int compare_places(const void *a, const void *b)
{
	const struct row_place *left = a, *right = b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	if (left->incoming != right->incoming)
		return left->incoming < right->incoming ? -1 : 1;
	return (left->row > right->row) - (left->row < right->row);
}

/* Of an import's rows of one number the first is sent. */
static bool repeats_number(const struct store_report *report, size_t row)
{
	return row > 0 &&
	       strcmp(report->rows[row].id, report->rows[row - 1].id) == 0;
}

/* The rows of all, by day, since an import may have many days in each report.
 * NULL: out of memory. */
static struct row_place *place_rows(
    const struct incoming *incoming, size_t count, size_t *nplaces)
{
	struct row_place *places;
	size_t i, row, nrows = 0, at = 0;

	for (i = 0; i < count; i++)
		nrows += incoming_has_rows(&incoming[i])
			     ? incoming[i].report->nrows
			     : 0;
	places = malloc((nrows + 1) * sizeof(*places));
	if (places == NULL)
		return NULL;
	for (i = 0; i < count; i++)
		for (row = 0; incoming_has_rows(&incoming[i]) &&
			      row < incoming[i].report->nrows;
		     row++)
			if (!repeats_number(incoming[i].report, row))
				places[at++] = (struct row_place){
				    rollup_day(
					incoming[i].report->rows[row].at_ms),
				    (uint32_t)i, (uint32_t)row};
	qsort(places, at, sizeof(*places), compare_places);
	*nplaces = at;
	return places;
}

/* Two collectors that take the same report may derive another network or
 * diagnosis. Such copies of a row have another `copy`, a digest of all but the
 * time of receipt, and the least one counts: what the agent sent before what an
 * import brought. */
static void mark_copy(struct buf *bytes, size_t row_at, bool own)
{
	size_t at = row_at + ROWS_BEFORE_COPY;
	size_t content = at + ROWS_COPY_BYTES;
	uint8_t digest[32];

	if (bytes->failed)
		return;
	sha256(bytes->data + content, bytes->length - content, digest);
	/* Little endian: its highest bit. */
	digest[7] = (uint8_t)((digest[7] & 0x7f) | (own ? 0 : 0x80));
	memcpy(bytes->data + at, digest, ROWS_COPY_BYTES);
}

static int add_row(struct batch *batch, const struct incoming *incoming,
    const struct measurement *row)
{
	const struct store_report *report = incoming->report;
	struct rows_origin origin = {
	    .received_ms = report->received_ms, .own = incoming->own};
	int error = begin_row(batch, rollup_day(row->at_ms));
	size_t row_at = batch->bytes->length;

	memcpy(origin.report, incoming->uuid, sizeof(origin.report));
	row_id_number(row->id, report->id, &origin.n);
	rows_put_measurement(batch->bytes, row, &origin);
	mark_copy(batch->bytes, row_at, incoming->own);
	return error;
}

static int insert_rows(
    struct batch *batch, const struct incoming *incoming, size_t count)
{
	size_t i, nplaces = 0;
	struct row_place *places = place_rows(incoming, count, &nplaces);
	int error = 0;

	if (places == NULL)
		return err_system(batch->err, -ENOMEM, "rows");
	for (i = 0; error == 0 && i < nplaces; i++)
		error = add_row(batch, &incoming[places[i].incoming],
		    &incoming[places[i].incoming].report->rows[places[i].row]);
	free(places);
	return error == 0 ? flush(batch) : error;
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

static int insert_reports(
    struct batch *batch, const struct incoming *incoming, size_t count)
{
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < count; i++)
		if (incoming_has_rows(&incoming[i]) || incoming[i].is_unsettled)
			error = add_report(batch, &incoming[i]);
	return error == 0 ? flush(batch) : error;
}

/* A report is listed when all its rows are stored, and will be counted, so that
 * who is listed need not be stored again. */
int clickhouse_write_incoming(struct clickhouse *handle,
    const struct incoming *incoming, size_t count, struct err *err)
{
	struct batch batch = {
	    .handle = handle,
	    .into = "@D.measurement (" ROWS_INSERT ")",
	    .bytes = &handle->batch,
	    .err = err,
	};
	int error;

	buf_clear(batch.bytes);
	error = insert_rows(&batch, incoming, count);
	if (error == 0)
		error = touched_write(handle, incoming, count, err);
	if (error < 0)
		return error;
	buf_clear(batch.bytes);
	batch.ndays = 0;
	batch.into = "@D.report (day, report, agent, digest, agent_id, own,"
		     " received_ms, first_ms, last_ms, detail, body)";
	return insert_reports(&batch, incoming, count);
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
		error = clickhouse_write_incoming(handle, incoming, count, err);
	if (error == 0)
		tell(incoming, count, flags);
	free(incoming);
	return error;
}
