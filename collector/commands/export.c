/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/export.h"

#include <unistd.h>

#include "collector/base/output_file.h"
#include "collector/commands/command.h"
#include "collector/commands/export_days.h"
#include "lib/config/args.h"

static int check_output(const struct collector_options *options,
    const struct export_request *request, const char *output, bool by_day,
    struct err *err)
{
	if (by_day && output == NULL)
		return err_input(err, "--by-day needs a folder: --output");
	if (request->format == EXPORT_PARQUET && output == NULL &&
	    isatty(STDOUT_FILENO))
		return err_input(
		    err, "Parquet is not for a terminal: use --output");
	if (output != NULL)
		return command_check_output(options, output, err);
	return 0;
}

static int write_file(struct store *store, const struct export_request *request,
    const char *output, struct err *err)
{
	struct output_file file;
	int64_t rows;
	int error = output_file_open(&file, output, false, err);

	if (error < 0)
		return error;
	error = export_rows(
	    store, request, output_file_write, &file, &rows, err);
	if (error == 0)
		return output_file_finish(&file, err);
	output_file_abandon(&file);
	return error;
}

int command_export(const struct collector_options *options,
    struct export_request *request, const char *output, bool by_day)
{
	struct command_source source = {0};
	struct err err = {""};
	int error = check_output(options, request, output, by_day, &err);

	if (error == 0)
		error = command_open_source(options, &source, &err);
	request->endpoints = &source.endpoints;
	if (error == 0)
		error = by_day
			    ? export_days(source.store, request, output, &err)
			    : write_file(source.store, request, output, &err);
	command_close_source(&source);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
