/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ENGINE_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_ENGINE_H

/* What the embedded engine does for store_engine.h, in whose words. */

#include "collector/store/store_engine.h"

/* Open, and make it the store's engine. */
int sqlite_store_open(const struct store_settings *settings,
    struct store **store, struct err *err);

/* sqlite_write.c */
int sqlite_write(struct store *store, const struct store_report *reports,
    size_t count, const struct store_marks *marks, struct err *err);

/* sqlite_read.c */
int sqlite_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, store_visit_measurement *visit, void *arg,
    struct err *err);

/* sqlite_rollup.c */
int sqlite_rollups(struct store *store, const struct row_filter *filter,
    store_visit_rollup *visit, void *arg, struct err *err);

/* sqlite_network.c */
int sqlite_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err);
int sqlite_annotate(
    struct store *store, uint32_t asn, const char *text, struct err *err);
int sqlite_totals(
    struct store *store, struct store_totals *totals, struct err *err);

/* sqlite_expire.c */
int sqlite_expire(
    struct store *store, struct store_expiry *expiry, struct err *err);

/* sqlite_log.c */
int sqlite_copy_log(
    struct store *store, struct store_log *log, struct err *err);
int64_t sqlite_log_pages(const struct store *store);

/* sqlite_backup.c */
int sqlite_back_up(struct store *store, const char *path,
    store_progress *progress, void *arg, struct err *err);

/* sqlite_registry.c */
int sqlite_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err);
int sqlite_find_agent(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);
int sqlite_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err);
int sqlite_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err);
int sqlite_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err);
int sqlite_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

#endif
