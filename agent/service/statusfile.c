/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/statusfile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/service/status_metrics.h"
#include "agent/service/status_text.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/config/args.h"

int statusfile_read(
    const struct state_directory *state, struct status *status, struct err *err)
{
	struct buf text = {0};
	int error;

	memset(status, 0, sizeof(*status));
	error = statefile_read(
	    state, STATUS_FILE, STATUS_BYTES_MAX, &text, err);
	if (error == 0) {
		error = status_decode(
		    text.data ? text.data : "", text.length, status, err);
		if (error < 0)
			err_prefix(err, "%s/" STATUS_FILE, state->path);
	}
	buf_free(&text);
	return error;
}

/* The start time of a process in ticks since boot (proc(5)); 0: no such
 * process. Counted from the end of its name, which may contain anything: field
 * 20 after the last ')'. */
static int64_t start_of(int64_t pid)
{
	char path[64], text[1024];
	const char *at;
	int64_t start = 0;
	size_t length;
	FILE *file;
	int word;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	at = strrchr(text, ')');
	for (word = 0; at != NULL && word < 20; word++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		sscanf(at, " %" SCNd64, &start);
	return start;
}

int statusfile_write(
    const struct state_directory *state, struct status *status, struct err *err)
{
	struct buf text = {0};
	int error;

	status->pid = getpid();
	status->process_start = start_of(status->pid);
	status->written_ms = clock_wall_ms();
	status_encode(status, &text);
	error = statefile_write(state, STATUS_FILE, &text, err);
	buf_free(&text);
	return error;
}

/* Whether the process that wrote the status is still alive; the start time
 * rules out a reused pid. */
static bool is_running(const struct status *status)
{
	return status->pid > 0 && status->process_start > 0 &&
	       start_of(status->pid) == status->process_start;
}

static int no_status(
    int error, const struct agent_options *options, const struct err *err)
{
	if (error != -ENOENT)
		return args_fail(error, err);
	log_error(
	    "no agent has run with the state directory %s", options->state);
	return EXIT_OURS;
}

/* Insert "running" after the '{' of the encoded object. */
static void print_json(const struct status *status, bool running)
{
	struct buf text = {0};

	status_encode(status, &text);
	if (!text.failed)
		printf("{\"running\":%s,%s", running ? "true" : "false",
		    text.data + 1);
	buf_free(&text);
}

static void print_text(const struct status *status, bool running)
{
	struct buf text = {0};

	status_text(status, running, clock_wall_ms(), &text);
	if (!text.failed)
		fputs(text.data, stdout);
	buf_free(&text);
}

/* NULL: no agent has run here. */
static int print_metrics(const struct status *status, bool running)
{
	struct buf text = {0};

	status_metrics(status, running, &text);
	if (!text.failed)
		fputs(text.data, stdout);
	buf_free(&text);
	return args_finish_output();
}

static int show(const struct status *status, enum status_form form)
{
	bool running = is_running(status);

	if (form == STATUS_PROMETHEUS)
		return print_metrics(status, running);
	if (form == STATUS_JSON)
		print_json(status, running);
	else
		print_text(status, running);
	if (args_finish_output() != EXIT_FINE || !running)
		return EXIT_OURS;
	return EXIT_FINE;
}

int statusfile_show(const struct agent_options *options, enum status_form form)
{
	struct state_directory state;
	struct status status;
	struct err err;
	int code, error = statefile_open(options->state, false, &state, &err);

	if (error == 0)
		error = statusfile_read(&state, &status, &err);
	statefile_close(&state);
	if (error == -ENOENT && form == STATUS_PROMETHEUS)
		return print_metrics(NULL, false);
	if (error < 0)
		return no_status(error, options, &err);
	code = show(&status, form);
	status_free(&status);
	return code;
}
