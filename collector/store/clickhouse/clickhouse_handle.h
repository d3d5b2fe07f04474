/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_HANDLE_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_HANDLE_H

/* An open store on a cluster: to whom it talks, and as whom. All other modules
 * of this engine use this one. */

#include "collector/store/clickhouse/clickhouse_link.h"
#include "collector/store/store.h"
#include "collector/store/store_engine.h"
#include "lib/base/buf.h"
#include "lib/base/day.h"

#define CLICKHOUSE_URLS_MAX 16

/* So far may the clocks of collectors be apart. */
#define CLICKHOUSE_APART_MS (2 * HOUR_MS)

/* Settings that a server may know; those that it does not know it refuses. */
enum clickhouse_setting {
	SETTING_SYNC,       /* insert_distributed_sync */
	SETTING_FOREGROUND, /* its newer name */
	SETTING_QUORUM,
	SETTING_QUORUM_TIMEOUT,
	SETTING_QUORUM_PARALLEL,
	SETTING_SEQUENTIAL,
	SETTING_ASYNC,
	SETTING_DDL_TIMEOUT,
	SETTING_COUNT
};

/* Names as the servers know them. */
extern const char *const clickhouse_setting_names[SETTING_COUNT];

struct clickhouse_shared;

struct clickhouse {
	struct store store; /* first */
	struct store_cluster cluster;
	struct httpc_url urls[CLICKHOUSE_URLS_MAX];
	size_t nurls, url; /* the one that is in use */
	char headers[512]; /* of the account, with those of each request */
	char public_headers[512]; /* of the reader's account */
	struct ssl_ctx_st *tls;   /* NULL: no https */
	bool knows[SETTING_COUNT], is_probed;
	bool read_only;
	struct link link;
	bool in_use; /* the link: by a query whose rows are being visited */
	_Atomic bool interrupted;
	struct buf batch; /* kept from call to call */
	/* Of upkeep (clickhouse_rollup.h): what was received until then was
	 * counted by others before; when this one counted last, and all of it;
	 * and what the table `meta` says. */
	int64_t counted_ms, counted_us, whole_ms, whole_us, noted_ms;
	int64_t whole_took_us;
	bool owes_whole; /* before the hour is over (clickhouse_rollup.c) */
	uint8_t times_away[CLICKHOUSE_URLS_MAX]; /* when all were asked last */
	int64_t old_us;     /* then what is old is removed, or tried again */
	int64_t generation; /* of what it counts (clickhouse_count.h) */
	struct clickhouse_shared *shared; /* clickhouse_shared.h */
};

/* The handle behind a store of this engine. */
static inline struct clickhouse *clickhouse_of(struct store *store)
{
	return (struct clickhouse *)store;
}

/* Read and check the settings; nothing is connected yet. 0, -EINVAL or -errno.
 * The handle is the caller's to close. */
int clickhouse_handle_new(const struct store_settings *settings,
    struct clickhouse **handle, struct err *err);

void clickhouse_handle_free(struct clickhouse *handle);

#endif
