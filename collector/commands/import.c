/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands/command.h"
#include "collector/record/format.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

#define BATCH_ROWS     5000
#define LINE_BYTES_MAX 65536 /* of one row */
#define ID_LENGTH      36    /* of the report's UUID in a row's id */

/* Rows that are being imported. */
struct import {
	struct store *store;
	struct measurement *rows; /* BATCH_ROWS of them */
	struct store_report *reports;
	bool *duplicates;
	size_t nrows;
	char line[LINE_BYTES_MAX];
	int64_t taken, repeated;
	struct progress progress;
	struct err *err;
};

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

static int flush(struct import *import)
{
	size_t i, nreports = group_rows(import);
	int error;

	if (nreports == 0)
		return 0;
	error = store_write(import->store, import->reports, nreports,
	    import->duplicates, import->err);
	import->taken += (int64_t)import->nrows;
	for (i = 0; error == 0 && i < nreports; i++)
		if (import->duplicates[i])
			import->repeated += (int64_t)import->reports[i].nrows;
	import->nrows = 0;
	if (progress_is_due(&import->progress))
		fprintf(stderr, "\r%lld rows\033[K", (long long)import->taken);
	return error;
}

static int take_line(struct import *import, const char *line, size_t length)
{
	int error;

	if (length == 0)
		return 0;
	error = format_measurement_parse(
	    line, length, &import->rows[import->nrows], import->err);
	if (error < 0)
		return error;
	if (++import->nrows < BATCH_ROWS)
		return 0;
	return flush(import);
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

	import->rows = calloc(BATCH_ROWS, sizeof(*import->rows));
	import->reports = calloc(BATCH_ROWS, sizeof(*import->reports));
	import->duplicates = calloc(BATCH_ROWS, sizeof(*import->duplicates));
	if (import->rows == NULL || import->reports == NULL ||
	    import->duplicates == NULL)
		return err_system(import->err, -ENOMEM, "import");
	error = command_open_store(options, false, &import->store, import->err);
	if (error == 0 && nfiles == 0)
		error = read_lines(import, stdin, "stdin");
	for (i = 0; error == 0 && i < nfiles; i++)
		error = read_file(import, files[i]);
	return error < 0 ? error : flush(import);
}

int command_import(
    const struct collector_options *options, char **files, int nfiles)
{
	struct err err = {""};
	struct import import = {.err = &err};
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
