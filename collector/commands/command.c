/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_engine.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

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

int command_open_source(const struct collector_options *options,
    struct command_source *source, struct err *err)
{
	int error = 0;

	*source = (struct command_source){0};
	if (options->endpoints[0] != '\0')
		error = endpoints_read(
		    options->endpoints, &source->endpoints, err);
	if (error == 0)
		error = command_open_store(options, true, &source->store, err);
	return error;
}

void command_close_source(struct command_source *source)
{
	store_close(source->store);
	endpoints_free(&source->endpoints);
}

int command_check_output(const struct collector_options *options,
    const char *output, struct err *err)
{
	char real[PATH_MAX], other[PATH_MAX];
	struct store_settings settings;
	int error = command_store_settings(options, &settings, err);

	if (error < 0)
		return error;
	if (output == NULL)
		return err_input(err, "it needs --output");
	if (options->backend != BACKEND_CLICKHOUSE &&
	    realpath(settings.path, real) != NULL &&
	    realpath(output, other) != NULL && strcmp(real, other) == 0)
		return err_input(err, "--output: %s is the database", output);
	return 0;
}

int command_end(int error, const struct err *err)
{
	return error == 0 ? args_finish_output() : args_fail(error, err);
}
