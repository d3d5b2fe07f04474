/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_REGISTRY_H
#define EGRESS25_COLLECTOR_STORE_REGISTRY_H

/*
 * Who may report: the agents' public keys and the enrolment tokens, kept in
 * the same store as the rows. Errors as in store.h.
 */

#include "collector/store/store.h"
#include "lib/sign/sign.h"

struct registry_agent {
	char id[REPORT_AGENT_SIZE];
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char contact[256];
	int64_t enrolled_ms, last_seen_ms, revoked_ms; /* 0: never */
	int64_t number; /* agents are numbered as they enrol */
};

/* Enrol. The same key again is its agent again: `agent` is then what is
 * stored. `token_sha256` NULL: no token is used up. -EACCES, with the field as
 * the sentence's place: a token that is unknown or used, a key whose agent is
 * revoked or has another one by now. Tokens are looked up by their digest, so
 * that how long that takes tells nothing of them. */
int registry_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err);

int registry_find(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);

/* Give the agent, by its id and the key that it had, another one. -EACCES: that
 * is not its key any more, or the new one is another agent's or one that was
 * changed before: else a change that somebody recorded could be said again. */
int registry_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err);

/* From now on nothing that the agent said, says or will say is listed or
 * counted. `pseudonym` is what it is called in rows (proof.h). */
int registry_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err);

typedef int registry_visit(void *arg, const struct registry_agent *agent);
int registry_list(
    struct store *store, registry_visit *visit, void *arg, struct err *err);

int registry_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

#endif
