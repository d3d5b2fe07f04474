/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_SETTINGS_H
#define EGRESS25_COLLECTOR_STORE_STORE_SETTINGS_H

#include <stdbool.h>

/* How to reach a cluster that keeps the rows (store/clickhouse). */
struct store_cluster {
	char urls[1024]; /* "http://HOST:PORT ..."; any of its servers */
	char user[64], password_file[256];          /* "": no password */
	char reader[64], reader_password_file[256]; /* "": as `user` */
	char name[64], database[64];
	char ca_file[256]; /* "": the system's */
	int quorum;        /* copies that have a row when it is acknowledged */
	bool insecure;     /* http to others than loopback is allowed */
	bool for_public;   /* what is read here is read for anybody */
};

struct store_engine; /* store_engine.h; the engines export theirs */

struct store_settings {
	const struct store_engine *engine;
	char path[512];               /* sqlite: the database file */
	struct store_cluster cluster; /* clickhouse */
	bool read_only;
	int busy_ms; /* how long to wait for another writer; 0: 10 s */
	/* Another handle calls store_copy_log() often, so a commit of this one
	 * does it only if the log becomes very long. */
	bool copies_elsewhere;
};

#endif
