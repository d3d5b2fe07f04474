/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/commands.h"
#include "collector/format.h"
#include "collector/store.h"
#include "lib/args.h"
#include "lib/clock.h"
#include "lib/log.h"

#define BATCH_ROWS     5000
#define LINE_BYTES_MAX 65536
#define ID_LENGTH      36 /* of the report in a row's id */

/* Rows of one file on their way into the store. */
struct import {
	struct store *store;
	struct measurement *rows; /* BATCH_ROWS of them */
	struct store_report *reports;
	bool *duplicates;
	size_t nrows;
	int64_t taken;
	struct err *err;
};

/* Neighbours of one report become one store_report. */
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
	size_t nreports = group_rows(import);
	int error;

	if (nreports == 0)
		return 0;
	error = store_write(import->store, import->reports, nreports,
	    import->duplicates, import->err);
	import->taken += (int64_t)import->nrows;
	import->nrows = 0;
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

static int read_lines(struct import *import, FILE *file, const char *name)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t length;
	int error = 0;

	while (error == 0 && (length = getline(&line, &size, file)) >= 0) {
		number++;
		if (length > LINE_BYTES_MAX)
			error = err_input(
			    import->err, "over %d bytes", LINE_BYTES_MAX);
		while (length > 0 && strchr("\r\n", line[length - 1]) != NULL)
			length--;
		if (error == 0)
			error = take_line(import, line, (size_t)length);
		if (error < 0)
			err_prefix(import->err, "%s:%zu", name, number);
	}
	if (error == 0 && ferror(file))
		error = err_system(import->err, -EIO, "%s", name);
	free(line);
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

static int run(const struct collector_options *options, struct import *import,
    char **files, int nfiles)
{
	struct store_settings settings = {
	    .backend = (enum store_backend)options->backend,
	};
	int error = collector_options_database(
	    options, settings.path, sizeof(settings.path), import->err);
	int i;

	import->rows = calloc(BATCH_ROWS, sizeof(*import->rows));
	import->reports = calloc(BATCH_ROWS, sizeof(*import->reports));
	import->duplicates = calloc(BATCH_ROWS, sizeof(*import->duplicates));
	if (import->rows == NULL || import->reports == NULL ||
	    import->duplicates == NULL)
		return err_system(import->err, -ENOMEM, "import");
	if (error == 0)
		error = store_open(&settings, &import->store, import->err);
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
	int error = run(options, &import, files, nfiles);

	store_close(import.store);
	free(import.rows);
	free(import.reports);
	free(import.duplicates);
	if (error == 0) {
		log_info("%lld rows read", (long long)import.taken);
		return EXIT_FINE;
	}
	log_error("%s", err.text);
	return error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
}
