/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/snapshot.h"

#include <unistd.h>

#include "collector/base/output_file.h"
#include "collector/commands/command.h"
#include "collector/dumps/snapshot.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

static int make_file(struct store *store, const struct export_request *request,
    const char *output, struct err *err)
{
	char unfinished[PATH_MAX];
	int64_t rows = 0;
	int error = output_file_unfinished(output, unfinished, err);

	if (error < 0)
		return error;
	error = snapshot_write(store, request, unfinished, &rows, err);
	if (error < 0) {
		unlink(unfinished);
		return error;
	}
	error = output_file_publish(unfinished, output, err);
	if (error == 0)
		log_info("%s: %lld rows", output, (long long)rows);
	return error;
}

int command_snapshot(const struct collector_options *options,
    struct export_request *request, const char *output)
{
	struct command_source source = {0};
	struct err err = {""};
	int error = command_check_output(options, output, &err);

	if (error == 0)
		error = command_open_source(options, &source, &err);
	request->endpoints = &source.endpoints;
	if (error == 0)
		error = make_file(source.store, request, output, &err);
	command_close_source(&source);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
