/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/dump.h"

#include "collector/commands/command.h"
#include "collector/dumps/dump_days.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

static int write_days(const struct collector_options *options,
    struct dump_job *job, struct err *err)
{
	int64_t until_ms;
	int error = command_open_store(options, true, &job->store, err);

	if (error == 0)
		error = dump_days_write(job, &until_ms, err);
	store_close(job->store);
	if (error == 0 && until_ms == 0)
		return err_input(err, "no day is closed yet: `serve` does it "
				      "after midnight, UTC");
	return error;
}

int command_dump(
    const struct collector_options *options, const struct dump_request *request)
{
	struct endpoint_list endpoints = {0};
	struct dump_job job = {.directory = request->folder,
	    .endpoints = &endpoints,
	    .since_ms = request->since_ms,
	    .until_ms = request->until_ms,
	    .keep_ms = options->retention_s * 1000,
	    .again = request->again};
	struct err err = {""};
	int error = 0;

	if (options->endpoints[0] != '\0')
		error = endpoints_read(options->endpoints, &endpoints, &err);
	if (error == 0)
		error = write_days(options, &job, &err);
	endpoints_free(&endpoints);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
