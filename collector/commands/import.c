/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/base/progress.h"
#include "collector/commands/command.h"
#include "collector/intake/attribute.h"
#include "collector/record/format.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define BATCH_ROWS     8192  /* more than an agent's report has */
#define LINE_BYTES_MAX 65536 /* of one row */
#define ID_LENGTH      36    /* of the report's UUID in a row's id */

/* Rows that are being imported. */
struct import {
	enum import_what what;
	struct store *store;
	struct measurement *rows; /* a batch of them */
	struct store_report *reports;
	bool *duplicates;
	size_t nrows, batch;
	char line[LINE_BYTES_MAX];
	int64_t taken, repeated;
	struct progress progress;
	struct err *err;
};

/* Twice as much: a report is longer than a batch. */
static int make_room(struct import *import)
{
	size_t batch = import->batch == 0 ? BATCH_ROWS : 2 * import->batch;
	void *rows = realloc(import->rows, batch * sizeof(*import->rows));
	void *reports = realloc(
	    import->reports, batch * sizeof(*import->reports));
	void *duplicates = realloc(
	    import->duplicates, batch * sizeof(*import->duplicates));

	import->rows = rows != NULL ? rows : import->rows;
	import->reports = reports != NULL ? reports : import->reports;
	import->duplicates = duplicates != NULL ? duplicates
						: import->duplicates;
	if (rows == NULL || reports == NULL || duplicates == NULL)
		return err_system(import->err, -ENOMEM, "import");
	import->batch = batch;
	return 0;
}

/* Adjacent rows of one report become one store_report. Returns how many reports
 * there are. */
static size_t group_rows(struct import *import)
{
	size_t i, nreports = 0;

	for (i = 0; i < import->nrows; i++) {
		struct measurement *row = &import->rows[i];
		struct store_report *report = &import->reports[nreports];

		if (nreports > 0 &&
		    memcmp(report[-1].id, row->id, ID_LENGTH) == 0) {
			report[-1].nrows++;
			continue;
		}
		memset(report, 0, sizeof(*report));
		memcpy(report->id, row->id, ID_LENGTH);
		report->received_ms = clock_wall_ms();
		report->rows = row;
		report->nrows = 1;
		nreports++;
	}
	return nreports;
}

/* Store the first `nrows` rows. */
static int store_first(struct import *import, size_t nrows)
{
	size_t i, nreports, left = import->nrows - nrows;
	int error;

	import->nrows = nrows;
	nreports = group_rows(import);
	error = nreports == 0 ? 0
			      : store_write(import->store, import->reports,
				    nreports, import->duplicates, import->err);
	import->taken += (int64_t)nrows;
	for (i = 0; error == 0 && i < nreports; i++)
		if (import->duplicates[i])
			import->repeated += (int64_t)import->reports[i].nrows;
	memmove(
	    import->rows, import->rows + nrows, left * sizeof(*import->rows));
	import->nrows = left;
	if (progress_is_due(&import->progress))
		fprintf(stderr, "\r%lld rows\033[K", (long long)import->taken);
	return error;
}

static int flush(struct import *import)
{
	return store_first(import, import->nrows);
}

/* Store the whole reports: the last one may go on. */
static int flush_whole(struct import *import)
{
	const struct measurement *rows = import->rows;
	size_t whole = import->nrows;

	while (whole > 0 && memcmp(rows[whole - 1].id,
				rows[import->nrows - 1].id, ID_LENGTH) == 0)
		whole--;
	return whole > 0 ? store_first(import, whole) : make_room(import);
}

static int take_annotation(
    struct import *import, const char *line, size_t length)
{
	struct network_info info;
	int error = format_annotation_parse(line, length, &info, import->err);

	if (error == 0 &&
	    info.annotations[0].at_ms - clock_wall_ms() > ATTRIBUTE_FUTURE_MS)
		error = err_input(import->err, "at: in the future");
	if (error == 0)
		error = store_annotate(
		    import->store, info.asn, info.annotations, import->err);
	import->taken += error == 0;
	return error;
}

static int take_line(struct import *import, const char *line, size_t length)
{
	int error;

	if (length == 0)
		return 0;
	if (import->what == IMPORT_ANNOTATIONS)
		return take_annotation(import, line, length);
	error = format_measurement_parse(
	    line, length, &import->rows[import->nrows], import->err);
	if (error < 0)
		return error;
	if (++import->nrows < import->batch)
		return 0;
	return flush_whole(import);
}

/* The next line and its end; a longer one stops at LINE_BYTES_MAX. 0: there is
 * none. */
static size_t read_line(FILE *file, char line[LINE_BYTES_MAX])
{
	size_t length = 0;
	int c;

	while (length < LINE_BYTES_MAX && (c = getc_unlocked(file)) != EOF) {
		line[length++] = (char)c;
		if (c == '\n')
			break;
	}
	return length;
}

/* Import a line as it was read, with its line end. */
static int take_read(struct import *import, const char *line, size_t length)
{
	if (length == LINE_BYTES_MAX)
		return err_input(
		    import->err, "over %d bytes", LINE_BYTES_MAX - 1);
	while (length > 0 && strchr("\r\n", line[length - 1]) != NULL)
		length--;
	return take_line(import, line, length);
}

static int read_lines(struct import *import, FILE *file, const char *name)
{
	size_t number = 0, length;
	int error = 0;

	while (error == 0 && (length = read_line(file, import->line)) > 0) {
		number++;
		error = take_read(import, import->line, length);
		if (error == -EINVAL)
			err_prefix(import->err, "%s:%zu", name, number);
	}
	if (error == 0 && ferror(file))
		error = err_system(import->err, -EIO, "%s", name);
	return error;
}

static int read_file(struct import *import, const char *name)
{
	FILE *file = fopen(name, "r");
	int error;

	if (file == NULL)
		return err_input(import->err, "%s: %s", name, strerror(errno));
	error = read_lines(import, file, name);
	fclose(file);
	return error;
}

static int import_files(const struct collector_options *options,
    struct import *import, char **files, int nfiles)
{
	int i, error;

	error = make_room(import);
	if (error == 0)
		error = command_open_store(
		    options, false, &import->store, import->err);
	if (error == 0 && nfiles == 0)
		error = read_lines(import, stdin, "stdin");
	for (i = 0; error == 0 && i < nfiles; i++)
		error = read_file(import, files[i]);
	return error < 0 ? error : flush(import);
}

int command_import(const struct collector_options *options,
    enum import_what what, char **files, int nfiles)
{
	struct err err = {""};
	struct import import = {.what = what, .err = &err};
	int error = import_files(options, &import, files, nfiles);

	progress_clear(&import.progress);
	store_close(import.store);
	free(import.rows);
	free(import.reports);
	free(import.duplicates);
	if (error < 0)
		return args_fail(error, &err);
	log_info("%lld rows read, %lld of them known or too old",
	    (long long)import.taken, (long long)import.repeated);
	return EXIT_FINE;
}
