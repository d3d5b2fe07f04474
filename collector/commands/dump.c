/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/dump.h"

#include "collector/commands/command.h"
#include "collector/dumps/dump_days.h"
#include "lib/config/args.h"

static int write_days(const struct collector_options *options,
    struct dump_job *job, struct err *err)
{
	struct command_source source;
	int64_t until_ms = 0;
	int error = command_open_source(options, &source, err);

	job->store = source.store;
	job->endpoints = &source.endpoints;
	if (error == 0)
		error = dump_days_write(job, &until_ms, err);
	command_close_source(&source);
	if (error == 0 && until_ms == 0)
		return err_input(err, "no day is closed yet: `serve` does it "
				      "after midnight, UTC");
	return error;
}

int command_dump(
    const struct collector_options *options, const struct dump_request *request)
{
	struct dump_job job = {.directory = request->folder,
	    .since_ms = request->since_ms,
	    .until_ms = request->until_ms,
	    .keep_ms = options->retention_s * 1000,
	    .again = request->again};
	struct err err = {""};
	int error = write_days(options, &job, &err);

	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
