/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/commands/command.h"
#include "collector/fleet/networks.h"
#include "collector/parquet/table.h"
#include "collector/record/format.h"
#include "lib/base/clock.h"
#include "lib/base/durable.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define PAGE_ROWS 10000

/* An export that is being made. */
struct export
{
	const struct export_request *request;
	struct store *store;
	FILE *out;
	char unfinished[PATH_MAX]; /* "": stdout */
	struct buf line;           /* JSON lines, CSV */
	struct table *table;       /* Parquet */
	int64_t rows;
	struct progress progress;
	struct err *err;
};

static int write_bytes(void *arg, const void *bytes, size_t length)
{
	struct export *export = arg;

	errno = 0;
	if (fwrite(bytes, 1, length, export->out) == length)
		return 0;
	return errno != 0 ? -errno : -EIO;
}

static int write_line(struct export *export)
{
	int error;

	if (export->line.failed)
		return err_system(export->err, -ENOMEM, "export");
	error = write_bytes(export, export->line.data, export->line.length);
	return error < 0 ? err_system(export->err, error, "write the export")
			 : 0;
}

static void count_row(struct export *export)
{
	export->rows++;
	if (export->rows % 1024 == 0 && progress_is_due(&export->progress))
		fprintf(stderr, "\r%lld rows\033[K", (long long)export->rows);
}

static int on_measurement(void *arg, const struct measurement *row)
{
	struct export *export = arg;

	count_row(export);
	if (export->table != NULL)
		return table_add(export->table, row, export->err);
	buf_clear(&export->line);
	if (export->request->format == EXPORT_CSV) {
		format_measurement_csv(row, &export->line);
	} else {
		format_measurement_json(row, &export->line);
		buf_append_char(&export->line, '\n');
	}
	return write_line(export);
}

static int export_measurements(struct export *export)
{
	struct store_page page = {.limit = PAGE_ROWS};
	int error;

	do {
		error = store_measurements(export->store,
		    &export->request->filter, &page, on_measurement, export,
		    export->err);
	} while (error == 0 && page.cursor[0] != '\0');
	return error;
}

static int on_judged(void *arg, const struct networks_judged *judged)
{
	struct export *export = arg;
	struct network_record record;
	int error = networks_complete(
	    export->store, judged->verdict, &record, export->err);

	if (error < 0)
		return error;
	count_row(export);
	if (export->table != NULL)
		return table_add(export->table, &record, export->err);
	buf_clear(&export->line);
	if (export->request->format == EXPORT_CSV) {
		format_network_csv(&record, &export->line);
	} else {
		format_network_json(&record, false, &export->line);
		buf_append_char(&export->line, '\n');
	}
	return write_line(export);
}

static int export_networks(struct export *export)
{
	struct judge judge;
	const struct networks_as_of as_of = {&judge, clock_wall_ms()};
	int error = networks_learn(
	    export->store, as_of.now_ms, &judge, NULL, NULL, export->err);

	if (error == 0)
		error = networks_decide(export->store, &export->request->filter,
		    &as_of, on_judged, export, export->err);
	judge_free(&judge);
	return error;
}

static int on_annotation(void *arg, uint32_t asn, const char *text)
{
	struct export *export = arg;
	const struct row_filter *filter = &export->request->filter;
	struct network_info info = {.asn = asn};

	if (filter->has_asn && filter->asn != asn)
		return 0;
	snprintf(info.annotation, sizeof(info.annotation), "%s", text);
	count_row(export);
	if (export->table != NULL)
		return table_add(export->table, &info, export->err);
	buf_clear(&export->line);
	if (export->request->format == EXPORT_CSV) {
		format_annotation_csv(&info, &export->line);
	} else {
		format_annotation_json(&info, &export->line);
		buf_append_char(&export->line, '\n');
	}
	return write_line(export);
}

static int export_annotations(struct export *export)
{
	return store_annotations(
	    export->store, on_annotation, export, export->err);
}

static int export_rows(struct export *export)
{
	switch (export->request->what) {
	case EXPORT_NETWORKS:
		return export_networks(export);
	case EXPORT_ANNOTATIONS:
		return export_annotations(export);
	default:
		return export_measurements(export);
	}
}

static int begin_table(struct export *export)
{
	static const struct column *const columns[] = {
	    [EXPORT_MEASUREMENTS] = format_measurement_columns,
	    [EXPORT_NETWORKS] = format_network_columns,
	    [EXPORT_ANNOTATIONS] = format_annotation_columns,
	};

	if (export->out == stdout && isatty(STDOUT_FILENO))
		return err_input(
		    export->err, "Parquet is not for a terminal: use --output");
	return table_open(columns[export->request->what], write_bytes, export,
	    &export->table, export->err);
}

static int begin_rows(struct export *export)
{
	if (export->request->format == EXPORT_PARQUET)
		return begin_table(export);
	if (export->request->format != EXPORT_CSV)
		return 0;
	if (export->request->what == EXPORT_NETWORKS)
		format_network_csv_header(&export->line);
	else if (export->request->what == EXPORT_ANNOTATIONS)
		format_annotation_csv_header(&export->line);
	else
		format_measurement_csv_header(&export->line);
	return write_line(export);
}

static int end_rows(struct export *export)
{
	return export->table != NULL ? table_finish(export->table, export->err)
				     : 0;
}

/* A file gets its name once it is complete; a pipe or a device is written to
 * directly. */
static int open_output(struct export *export)
{
	const char *output = export->request->output;
	const char *path = output;
	struct stat status;

	export->out = stdout;
	if (output == NULL)
		return 0;
	if (stat(output, &status) < 0 || S_ISREG(status.st_mode)) {
		if (command_unfinished_path(
			output, export->unfinished, export->err) < 0)
			return -EINVAL;
		path = export->unfinished;
	}
	export->out = fopen(path, "w");
	if (export->out == NULL) {
		export->out = stdout;
		export->unfinished[0] = '\0';
		return err_input(
		    export->err, "%s: %s", output, strerror(errno));
	}
	return 0;
}

/* Flush, sync a file, and close all but stdout. 0 or -errno. */
static int close_output(struct export *export)
{
	FILE *out = export->out;
	int error = 0;

	export->out = stdout;
	if (fflush(out) != 0)
		error = -errno;
	if (error == 0 && export->unfinished[0] != '\0' &&
	    fsync(fileno(out)) < 0)
		error = -errno;
	if (out != stdout && fclose(out) != 0 && error == 0)
		error = -errno;
	return error;
}

static int finish_output(struct export *export)
{
	const char *output = export->request->output;
	int error = close_output(export);

	if (error == 0 && export->unfinished[0] != '\0')
		return command_publish(export->unfinished, output, export->err);
	if (error == 0)
		return 0;
	if (export->unfinished[0] != '\0')
		unlink(export->unfinished);
	return err_system(
	    export->err, error, "%s", output != NULL ? output : "stdout");
}

static void abandon_output(struct export *export)
{
	if (export->out != NULL && export->out != stdout)
		fclose(export->out);
	if (export->unfinished[0] != '\0')
		unlink(export->unfinished);
}

static int write_export(
    const struct collector_options *options, struct export *export)
{
	int error = command_open_store(
	    options, true, &export->store, export->err);

	if (error == 0)
		error = open_output(export);
	if (error == 0)
		error = begin_rows(export);
	if (error == 0)
		error = export_rows(export);
	if (error == 0)
		error = end_rows(export);
	if (error == 0)
		error = finish_output(export);
	else
		abandon_output(export);
	return error;
}

int command_export(const struct collector_options *options,
    const struct export_request *request)
{
	struct err err = {""};
	struct export export = {.request = request, .err = &err};
	int error = write_export(options, &export);

	progress_clear(&export.progress);
	store_close(export.store);
	table_free(export.table);
	buf_free(&export.line);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
