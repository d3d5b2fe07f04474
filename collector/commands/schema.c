/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/schema.h"

#include <stdio.h>

#include "collector/store/clickhouse/clickhouse_schema.h"
#include "lib/config/args.h"

static int set_up(const struct store_settings *settings, struct err *err)
{
	struct clickhouse *handle;
	int before = 0, now = 0;
	int error = clickhouse_handle_new(settings, &handle, err);

	if (error == 0)
		error = clickhouse_schema_set_up(handle, &before, &now, err);
	clickhouse_handle_free(handle);
	if (error < 0)
		return error;
	if (before == now)
		printf("the tables of %s are of version %d already\n",
		    settings->cluster.database, now);
	else
		printf("the tables of %s are of version %d now\n",
		    settings->cluster.database, now);
	return 0;
}

int command_schema(const struct collector_options *options)
{
	struct store_settings settings;
	struct err err = {""};
	int error = command_store_settings(options, &settings, &err);

	if (error == 0 && options->backend != BACKEND_CLICKHOUSE)
		error = err_input(&err,
		    "[store] backend: SQLite's tables are made by 'serve'");
	if (error == 0)
		error = set_up(&settings, &err);
	return command_end(error, &err);
}
