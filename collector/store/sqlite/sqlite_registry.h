/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REGISTRY_H
#define EGRESS25_COLLECTOR_STORE_SQLITE_SQLITE_REGISTRY_H

/* Agents and tokens (registry.h). */

#include "collector/store/registry.h"
#include "collector/store/sqlite/sqlite_handle.h"

int sqlite_enrol(
    struct store *store, struct registry_enrolment *list, size_t count);

int sqlite_find_agent(struct store *store, const char *id, bool anew,
    struct registry_agent *agent, struct err *err);

int sqlite_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err);

int sqlite_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err);

int sqlite_list_agents(
    struct store *store, registry_visit *visit, void *arg, struct err *err);

int sqlite_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

int sqlite_has_secret(struct store *store, struct err *err);

int sqlite_bind_secret(
    struct store *store, const uint8_t *fingerprint, struct err *err);

#endif
