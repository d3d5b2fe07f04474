/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/store/clickhouse/clickhouse_engine.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "lib/base/clock.h"
#include "lib/base/durable.h"
#include "lib/config/args.h"

#define PROGRESS_US 1000000

static void set_cluster(
    const struct collector_options *options, struct store_cluster *cluster)
{
	*cluster = (struct store_cluster){
	    .quorum = (int)options->store_quorum,
	    .insecure = options->store_insecure,
	};
	memcpy(cluster->urls, options->store_url, sizeof(cluster->urls));
	memcpy(cluster->user, options->store_user, sizeof(cluster->user));
	memcpy(cluster->password_file, options->store_password,
	    sizeof(cluster->password_file));
	memcpy(cluster->reader, options->store_reader, sizeof(cluster->reader));
	memcpy(cluster->reader_password_file, options->store_reader_password,
	    sizeof(cluster->reader_password_file));
	memcpy(cluster->name, options->store_cluster, sizeof(cluster->name));
	memcpy(cluster->database, options->store_database,
	    sizeof(cluster->database));
	memcpy(
	    cluster->ca_file, options->store_ca_file, sizeof(cluster->ca_file));
}

int command_store_settings(const struct collector_options *options,
    struct store_settings *settings, struct err *err)
{
	*settings = (struct store_settings){.engine = &sqlite_engine};
	if (options->backend == BACKEND_CLICKHOUSE) {
		settings->engine = &clickhouse_engine;
		set_cluster(options, &settings->cluster);
		return collector_options_check(options, err);
	}
	return collector_options_database(
	    options, settings->path, sizeof(settings->path), err);
}

int command_open_store(const struct collector_options *options, bool read_only,
    struct store **store, struct err *err)
{
	struct store_settings settings;
	int error = command_store_settings(options, &settings, err);

	*store = NULL;
	settings.read_only = read_only;
	return error == 0 ? store_open(&settings, store, err) : error;
}

int command_end(int error, const struct err *err)
{
	return error == 0 ? args_finish_output() : args_fail(error, err);
}

/* --- progress --- */

bool progress_is_due(struct progress *progress)
{
	int64_t now_us = clock_mono_us();

	if (now_us - progress->shown_us < PROGRESS_US || !isatty(STDERR_FILENO))
		return false;
	progress->shown_us = now_us;
	return true;
}

void progress_clear(const struct progress *progress)
{
	if (progress->shown_us != 0)
		fprintf(stderr, "\r\033[K");
}

/* --- output files --- */

int command_unfinished_path(
    const char *output, char path[PATH_MAX], struct err *err)
{
	if (snprintf(path, PATH_MAX, "%s" DURABLE_UNFINISHED, output) <
	    PATH_MAX)
		return 0;
	path[0] = '\0';
	return err_input(err, "--output: the path is too long");
}

int command_publish(const char *unfinished, const char *output, struct err *err)
{
	int error;

	if (rename(unfinished, output) < 0) {
		error = err_system(err, -errno, "%s", output);
		unlink(unfinished);
		return error;
	}
	error = durable_sync_parent(output);
	return error < 0 ? err_system(err, error, "%s", output) : 0;
}
