/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/export_rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/base/progress.h"
#include "collector/fleet/networks.h"
#include "collector/fleet/newest.h"
#include "collector/fleet/told.h"
#include "collector/fleet/typical.h"
#include "collector/parquet/table.h"
#include "collector/record/format.h"
#include "collector/record/format_endpoint.h"
#include "collector/record/format_past.h"
#include "collector/record/row_text.h"
#include "collector/store/store_past.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"

#define PAGE_ROWS   10000
#define LINES_BYTES 32768 /* are written at a time */

/* An export that is being made. */
struct writing {
	struct store *store;
	const struct export_request *request;
	export_sink *sink;
	void *arg;
	struct buf lines;          /* JSON lines, CSV; not written yet */
	struct row_text *row_text; /* of measurements as lines, else NULL */
	struct table *table;       /* Parquet */
	int64_t rows;
	struct typical typical;
	struct told told; /* of networks */
	int64_t first_ms; /* of what is stored */
	struct progress progress;
	struct err *err;
};

typedef int walk_rows(struct writing *writing);

/* --- one row --- */

static void row_json(enum export_what what, const struct column *columns,
    const void *row, struct buf *out)
{
	if (what == EXPORT_NETWORKS)
		format_network_json(row, false, out);
	else if (what == EXPORT_HISTORY)
		format_history_json(row, out);
	else
		format_columns_json(columns, row, out);
}

static int write_lines(struct writing *writing)
{
	int error;

	if (writing->lines.failed)
		return err_system(writing->err, -ENOMEM, "export");
	error = writing->sink(
	    writing->arg, writing->lines.data, writing->lines.length);
	buf_clear(&writing->lines);
	return error < 0 ? err_system(writing->err, error, "write the export")
			 : 0;
}

static int write_row(struct writing *writing, const void *row)
{
	enum export_what what = writing->request->what;
	const struct column *columns = export_columns(what);

	writing->rows++;
	if (writing->rows % 1024 == 0 && !writing->request->is_quiet &&
	    progress_is_due(&writing->progress))
		fprintf(stderr, "\r%lld rows\033[K", (long long)writing->rows);
	if (writing->request->visit != NULL)
		return writing->request->visit(writing->arg, row, writing->err);
	if (writing->table != NULL)
		return table_add(writing->table, row, writing->err);
	if (writing->row_text != NULL)
		row_text_append(writing->row_text, row, &writing->lines);
	else if (writing->request->format == EXPORT_CSV)
		format_columns_csv(columns, row, &writing->lines);
	else
		row_json(what, columns, row, &writing->lines);
	if (writing->request->format != EXPORT_CSV)
		buf_append_char(&writing->lines, '\n');
	return writing->lines.length < LINES_BYTES && !writing->lines.failed
		   ? 0
		   : write_lines(writing);
}

/* --- which rows --- */

static int on_measurement(void *arg, const struct measurement *row)
{
	return write_row(arg, row);
}

static int walk_measurements(struct writing *writing)
{
	struct store_page page = {.limit = PAGE_ROWS};
	int error;

	do {
		error = store_measurements(writing->store,
		    &writing->request->filter, &page, on_measurement, writing,
		    writing->err);
	} while (error == 0 && page.cursor[0] != '\0');
	return error;
}

static int on_judged(void *arg, const struct networks_judged *judged)
{
	struct writing *writing = arg;
	struct network_record record;
	int error = networks_complete(
	    writing->store, judged->verdict, &record, writing->err);

	if (error < 0)
		return error;
	told_date(&writing->told, &record.verdict);
	typical_find(&writing->typical, judged->verdict, writing->first_ms,
	    &record.typical);
	return write_row(writing, &record);
}

static int see_measurement(void *arg, const struct measurement *row)
{
	struct writing *writing = arg;

	return typical_see(&writing->typical, row);
}

static int learn_typical(struct writing *writing)
{
	struct newest newest = {.store = writing->store};
	struct store_totals totals;
	int error = store_totals(writing->store, &totals, writing->err);

	if (error < 0)
		return error;
	writing->first_ms = totals.first_ms;
	return newest_visit(&newest, see_measurement, writing, writing->err);
}

static int walk_networks(struct writing *writing)
{
	struct judge judge;
	const struct networks_as_of as_of = {&judge, clock_wall_ms()};
	int error = networks_learn(
	    writing->store, as_of.now_ms, &judge, NULL, NULL, writing->err);

	if (error == 0)
		error = learn_typical(writing);
	if (error == 0)
		error = told_load(&writing->told, writing->store, writing->err);
	if (error == 0)
		error = networks_decide(writing->store,
		    &writing->request->filter, &as_of, on_judged, writing,
		    writing->err);
	typical_free(&writing->typical);
	told_free(&writing->told);
	judge_free(&judge);
	return error;
}

/* What is known of an ASN; of one that nothing is known of its number. */
static int find_network(
    struct writing *writing, uint32_t asn, struct network_info *info)
{
	int error = store_network(writing->store, asn, info, writing->err);

	return error == -ENOENT ? 0 : error;
}

static int on_event(void *arg, const struct event *event)
{
	struct writing *writing = arg;
	struct event_record record = {.event = *event};
	int error = find_network(writing, event->asn, &record.info);

	return error < 0 ? error : write_row(writing, &record);
}

static int walk_events(struct writing *writing)
{
	const struct row_filter *wanted = &writing->request->filter;
	struct store_page page = {.limit = PAGE_ROWS};
	struct event_filter filter;
	int error;

	event_filter_init(&filter);
	filter.asn = wanted->has_asn ? wanted->asn : 0;
	memcpy(filter.country, wanted->country, sizeof(filter.country));
	filter.since_ms = wanted->since_ms;
	filter.until_ms = wanted->until_ms;
	do {
		error = store_events(writing->store, &filter, &page, on_event,
		    writing, writing->err);
	} while (error == 0 && page.cursor[0] != '\0');
	return error;
}

static int on_day(void *arg, const struct history_day *day)
{
	struct writing *writing = arg;
	const char *country = writing->request->filter.country;
	struct history_record record;
	int error = find_network(writing, day->asn, &record.info);

	if (error < 0)
		return error;
	if (country[0] != '\0' && strcmp(country, record.info.country) != 0)
		return 0;
	history_record_fill(&record, day);
	return write_row(writing, &record);
}

/* Days that begin in the window. */
static int walk_history(struct writing *writing)
{
	const struct row_filter *wanted = &writing->request->filter;
	struct history_filter filter = {
	    .asn = wanted->has_asn ? wanted->asn : 0,
	    .until_day = INT32_MAX,
	};

	filter.since_day = (int32_t)((wanted->since_ms + DAY_MS - 1) / DAY_MS);
	if (wanted->until_ms != 0)
		filter.until_day = (int32_t)((wanted->until_ms + DAY_MS - 1) /
					     DAY_MS);
	return store_history(
	    writing->store, &filter, on_day, writing, writing->err);
}

static int walk_endpoints(struct writing *writing)
{
	const struct endpoint_list *list = writing->request->endpoints;
	struct endpoint_record record;
	int error = 0;
	size_t i;

	for (i = 0; i < list->count && error == 0; i++) {
		endpoint_record_fill(&record, &list->items[i]);
		error = write_row(writing, &record);
	}
	return error;
}

static int on_annotation(
    void *arg, uint32_t asn, const struct annotation *annotation)
{
	struct writing *writing = arg;
	const struct row_filter *filter = &writing->request->filter;
	struct network_info info = {.asn = asn, .annotations = {*annotation}};

	if (filter->has_asn && filter->asn != asn)
		return 0;
	return write_row(writing, &info);
}

static int walk_annotations(struct writing *writing)
{
	return store_annotations(
	    writing->store, on_annotation, writing, writing->err);
}

/* --- all of it --- */

static const struct kind {
	const struct column *columns;
	walk_rows *walk;
} kinds[] = {
    [EXPORT_MEASUREMENTS] = {format_measurement_columns, walk_measurements},
    [EXPORT_NETWORKS] = {format_network_columns, walk_networks},
    [EXPORT_EVENTS] = {format_event_columns, walk_events},
    [EXPORT_HISTORY] = {format_history_columns, walk_history},
    [EXPORT_ENDPOINTS] = {format_endpoint_columns, walk_endpoints},
    [EXPORT_ANNOTATIONS] = {format_annotation_columns, walk_annotations},
};

const struct column *export_columns(enum export_what what)
{
	return kinds[what].columns;
}

static int begin(struct writing *writing)
{
	const struct column *columns = export_columns(writing->request->what);
	const struct parquet_output output = {writing->sink, writing->arg, 0};
	bool is_csv = writing->request->format == EXPORT_CSV;

	if (writing->request->visit != NULL)
		return 0;
	if (writing->request->format == EXPORT_PARQUET)
		return table_open(
		    columns, &output, &writing->table, writing->err);
	if (is_csv)
		column_write_csv_header(columns, &writing->lines);
	if (writing->request->what != EXPORT_MEASUREMENTS)
		return 0;
	writing->row_text = row_text_new(!is_csv);
	return writing->row_text != NULL
		   ? 0
		   : err_system(writing->err, -ENOMEM, "export");
}

int export_rows(struct store *store, const struct export_request *request,
    export_sink *sink, void *arg, int64_t *rows, struct err *err)
{
	struct writing writing = {.store = store,
	    .request = request,
	    .sink = sink,
	    .arg = arg,
	    .err = err};
	int error = begin(&writing);

	if (error == 0)
		error = kinds[request->what].walk(&writing);
	if (error == 0 && writing.table != NULL)
		error = table_finish(writing.table, err);
	else if (error == 0 && writing.lines.length > 0)
		error = write_lines(&writing);
	progress_clear(&writing.progress);
	table_free(writing.table);
	row_text_free(writing.row_text);
	buf_free(&writing.lines);
	*rows = writing.rows;
	return error;
}
