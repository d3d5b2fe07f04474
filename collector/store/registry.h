/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_REGISTRY_H
#define EGRESS25_COLLECTOR_STORE_REGISTRY_H

/*
 * Who may report: the agents' public keys, and the enrolment tokens. Kept in
 * the store; errors as in store.h, and -EACCES for what is not allowed, with
 * the name of the field at fault at the beginning of the sentence.
 */

#include "collector/store/store.h"
#include "lib/sign/sign.h"

struct registry_agent {
	char id[REPORT_AGENT_SIZE];
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char contact[256];
	char run_by[17]; /* its operator's pseudonym (operator.h), or "" */
	int64_t enrolled_ms, last_seen_ms, revoked_ms; /* 0: never */
	int64_t number; /* 1, 2, ... in the order of enrolment */
};

/* Enrol an agent. A key that is enrolled already finds its agent, which is then
 * copied into `agent`. `token_sha256` is the token to use up; NULL: none. It is
 * looked up by its digest, so that the time this takes reveals nothing about
 * tokens. -EACCES: the token is unknown or used; the key's agent is revoked; or
 * the key was replaced by another one. */
int registry_enrol(struct store *store, struct registry_agent *agent,
    const uint8_t *token_sha256, struct err *err);

/* One of several that are enrolled together. */
struct registry_enrolment {
	struct registry_agent *agent;
	const uint8_t *token_sha256;
	int error; /* out: 0, -EACCES, or what the result is */
	struct err err;
};

/* The same for several, in their order. 0, or -errno: our own failure, which is
 * then the error of each that it befell. */
int registry_enrol_all(
    struct store *store, struct registry_enrolment *list, size_t count);

/* Look up an agent. -ENOENT: there is none of that id. What another process
 * changed may be unknown for a second, and `last_seen_ms` be old, but not 0 of
 * one that has reported to this process. */
int registry_find(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);

/* The same, past what is kept in memory: after a signature that is not that of
 * the key that was found. -EAGAIN: it cannot be asked now. */
int registry_find_anew(struct store *store, const char *id,
    struct registry_agent *agent, struct err *err);

/* Replace the key of an agent, which is named by its id and its present key.
 * -EACCES: that is no longer its key; or the new key belongs, or once belonged,
 * to some agent, since a recorded change could otherwise be replayed. */
int registry_change_key(struct store *store, const struct registry_agent *agent,
    const uint8_t new_key[SIGN_PUBLIC_SIZE], struct err *err);

/* Revoke an agent: nothing that it reported, or will report, is listed or
 * counted any more. `pseudonym` is its name in rows (proof.h). */
int registry_revoke(struct store *store, const char *id, const char *pseudonym,
    int64_t now_ms, struct err *err);

#define REGISTRY_FINGERPRINT_BYTES 16

/* Does the store go with some secret already: is one noted, or an agent
 * enrolled? 1, 0 or -errno. */
int registry_has_secret(struct store *store, struct err *err);

/* Note the fingerprint of the secret that the store goes with, unless one is
 * noted. 0, -EACCES: the noted one is another, or -errno. */
int registry_bind_secret(struct store *store,
    const uint8_t fingerprint[REGISTRY_FINGERPRINT_BYTES], struct err *err);

/* Anything but 0 ends the list, and is what registry_list() returns. */
typedef int registry_visit(void *arg, const struct registry_agent *agent);

/* Visit all agents in the order of their enrolment. */
int registry_list(
    struct store *store, registry_visit *visit, void *arg, struct err *err);

/* Add a token, by its digest. */
int registry_add_token(struct store *store, const uint8_t token_sha256[32],
    int64_t now_ms, struct err *err);

#endif
