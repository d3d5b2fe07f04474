/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/store/clickhouse/clickhouse_engine.h"
#include "collector/store/clickhouse/clickhouse_schema.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/store_upkeep.h"
#include "tests/support/rows.h"

static char folder[32];
static const char *urls, *password_file; /* of a cluster; NULL: none */
static char database[64];

bool stored_on_cluster(int argc, char **argv)
{
	if (argc != 3)
		return false;
	urls = argv[1];
	password_file = argv[2];
	return true;
}

/* Each test has a database of its own. */
static int set_up_cluster(void)
{
	static int number;
	struct store_settings settings;
	struct clickhouse *handle;
	int before, now, error;
	struct err err;

	snprintf(
	    database, sizeof(database), "test%d_%d", (int)getpid(), ++number);
	settings = stored_settings(false);
	error = clickhouse_handle_new(&settings, &handle, &err);
	if (error == 0)
		error = clickhouse_schema_set_up(handle, &before, &now, &err);
	clickhouse_handle_free(handle);
	if (error < 0)
		print_message("%s\n", err.text);
	return error;
}

int stored_set_up(void **state)
{
	(void)state;
	if (urls != NULL)
		return set_up_cluster();
	strcpy(folder, "/tmp/egress25-store-XXXXXX");
	return mkdtemp(folder) == NULL;
}

int stored_tear_down(void **state)
{
	char command[100];

	(void)state;
	if (urls != NULL)
		return 0; /* the cluster goes as a whole */
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void set_cluster(struct store_settings *settings)
{
	struct store_cluster *cluster = &settings->cluster;

	settings->engine = &clickhouse_engine;
	cluster->quorum = 1;
	strcpy(cluster->user, "egress25");
	strcpy(cluster->name, "egress25");
	snprintf(cluster->urls, sizeof(cluster->urls), "%s", urls);
	snprintf(cluster->password_file, sizeof(cluster->password_file), "%s",
	    password_file);
	snprintf(cluster->database, sizeof(cluster->database), "%s", database);
}

struct store_settings stored_settings(bool read_only)
{
	struct store_settings settings = {
	    .engine = &sqlite_engine,
	    .read_only = read_only,
	};

	if (urls != NULL)
		set_cluster(&settings);
	else
		snprintf(settings.path, sizeof(settings.path),
		    "%s/collector.db", folder);
	return settings;
}

struct store *stored_open(bool read_only)
{
	struct store_settings how = stored_settings(read_only);
	struct store *store;
	struct err err;

	if (store_open(&how, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

struct measurement stored_row(int report, int n, uint16_t port)
{
	struct measurement row = {
	    .at_ms = STORED_NOON + report * 1000,
	    .agent = "00000000000000aa",
	    .asn = 64500,
	    .network = "Example",
	    .country = "DE",
	    .prefix = "203.0.113.0/24",
	    .family = 4,
	    .endpoint = "mx1",
	    .port = port,
	    .mode = port == 443 ? MODE_CONNECT : MODE_STARTTLS,
	    .ended = STAGE_CONNECT,
	    .failure = FAILURE_TIMEOUT,
	    .outcome = port == 443 ? OUTCOME_COUNT : OUTCOME_FILTERED,
	    .mechanism = port == 443 ? MECHANISM_COUNT : MECHANISM_DROP,
	    .where = WHERE_PATH,
	    .after_hop = 2,
	    .endpoint_hops = 5,
	    .icmp_type = OBSERVE_ABSENT,
	    .icmp_code = OBSERVE_ABSENT,
	    .smtp_code = OBSERVE_ABSENT,
	    .connect_us = OBSERVE_ABSENT,
	    .total_us = 3500000,
	    .attributed = true,
	    .listed = true,
	};

	addr_parse(&row.address, "192.0.2.25");
	snprintf(row.id, sizeof(row.id), "01930000-0000-7000-8000-%012d:%d",
	    report, n);
	return row;
}

int stored_put(
    struct store *store, int number, bool *duplicate, struct err *err)
{
	struct measurement rows[] = {
	    stored_row(number, 0, 443), stored_row(number, 1, 25)};
	struct store_report report = {
	    .agent_id = "agent",
	    .received_ms = STORED_NOON,
	    .rows = rows,
	    .nrows = 2,
	};

	snprintf(report.id, sizeof(report.id), "%.36s", rows[0].id);
	return store_write(store, &report, 1, duplicate, err);
}

static int see_row(void *arg, const struct measurement *row)
{
	struct stored_seen *seen = arg;
	size_t length = strlen(seen->ids);

	seen->count++;
	seen->last = *row;
	snprintf(seen->ids + length, sizeof(seen->ids) - length, " %s",
	    row->id + 32);
	return 0;
}

static int see_rollup(void *arg, const struct rollup_row *row)
{
	struct stored_seen *seen = arg;

	seen->count++;
	seen->total += row->count;
	seen->rollup = *row;
	return 0;
}

void stored_list(struct store *store, const struct row_filter *filter,
    struct store_page *page, struct stored_seen *seen)
{
	struct err err;

	memset(seen, 0, sizeof(*seen));
	if (store_measurements(store, filter, page, see_row, seen, &err) < 0)
		fail_msg("%s", err.text);
}

void stored_keep_up(struct store *store)
{
	struct err err;

	if (store_upkeep(store, STORED_NOON, &err) < 0)
		fail_msg("%s", err.text);
}

void stored_roll(struct store *store, struct stored_seen *seen)
{
	struct row_filter filter;
	struct err err;

	memset(seen, 0, sizeof(*seen));
	row_filter_init(&filter);
	stored_keep_up(store);
	if (store_rollups(store, &filter, NULL, see_rollup, seen, &err) < 0)
		fail_msg("%s", err.text);
}
