/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_REGISTRY_H
#define EGRESS25_COLLECTOR_REGISTRY_H

/*
 * Who may report: the agents' public keys and the enrolment tokens, kept in
 * the same store as the rows. Errors as in store.h.
 */

#include "collector/store.h"
#include "lib/sign.h"

struct registry_agent {
	char id[REPORT_AGENT_SIZE];
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char contact[256];
	int64_t enrolled_ms, last_seen_ms, revoked_ms; /* 0: never */
	int64_t number; /* agents are numbered as they enrol */
};

/* Enrol. The same key again is its agent again: `agent` is then what is
 * stored. `token_sha256` NULL: no token is used up; one that is unknown or
 * used is -EACCES. */
int registry_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err);

int registry_find(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);
int registry_revoke(
    struct store *store, const char *id, int64_t now_ms, struct err *err);

typedef int registry_visit(void *arg, const struct registry_agent *agent);
int registry_list(
    struct store *store, registry_visit *visit, void *arg, struct err *err);

int registry_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

#endif
