/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_ENGINE_H
#define EGRESS25_COLLECTOR_STORE_STORE_ENGINE_H

/* What an engine behind store.h and registry.h must do; each function promises
 * what its namesake there does. A store begins with a `struct store`. */

#include "collector/store/registry.h"
#include "collector/store/store.h"
#include "collector/store/store_upkeep.h"

struct store_engine {
	void (*close)(struct store *store);
	void (*interrupt)(struct store *store);
	int (*write)(struct store *store, const struct store_report *reports,
	    size_t count, const struct store_marks *marks, struct err *err);
	int (*measurements)(struct store *store,
	    const struct row_filter *filter, struct store_page *page,
	    store_visit_measurement *visit, void *arg, struct err *err);
	int (*rollups)(struct store *store, const struct row_filter *filter,
	    store_visit_rollup *visit, void *arg, struct err *err);
	int (*network)(struct store *store, uint32_t asn,
	    struct network_info *network, struct err *err);
	int (*annotate)(struct store *store, uint32_t asn, const char *text,
	    struct err *err);
	int (*totals)(
	    struct store *store, struct store_totals *totals, struct err *err);
	int (*expire)(
	    struct store *store, struct store_expiry *expiry, struct err *err);
	int (*copy_log)(
	    struct store *store, struct store_log *log, struct err *err);
	int64_t (*log_pages)(const struct store *store);
	int (*back_up)(struct store *store, const char *path,
	    store_progress *progress, void *arg, struct err *err);
	int (*enrol)(struct store *store, struct registry_agent *agent,
	    const uint8_t *token_sha256, struct err *err);
	int (*find_agent)(struct store *store, const char *id,
	    struct registry_agent *agent, struct err *err);
	int (*change_key)(struct store *store,
	    const struct registry_agent *agent,
	    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err);
	int (*revoke)(struct store *store, const char *id,
	    const char *pseudonym, int64_t now_ms, struct err *err);
	int (*list_agents)(struct store *store, registry_visit *visit,
	    void *arg, struct err *err);
	int (*add_token)(struct store *store, const uint8_t token_sha256[32],
	    int64_t now_ms, struct err *err);
};

struct store {
	const struct store_engine *engine;
};

#endif
