/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_IDENTITY_H
#define EGRESS25_COLLECTOR_ROUTES_IDENTITY_H

/*
 * Which agent sent a request: its signature (lib/http/httpsig.h) is checked
 * with the key that the agent enrolled, and its time with the clock. A revoked
 * agent is as unknown as one that never enrolled.
 */

#include "collector/http/reply.h"
#include "collector/http/request.h"
#include "collector/threads/server.h"
#include "lib/http/httpsig.h"

/* The keyid of an enrolment, which is signed with the key in its body. */
#define IDENTITY_ENROL_KEYID "enrol"

/* The name of the agent that enrols with this key, so that enrolling again
 * gives the same name: the first 32 hex digits of the key's SHA-256. */
void identity_name(
    const uint8_t public_key[SIGN_PUBLIC_SIZE], char id[REPORT_AGENT_SIZE]);

/* Does the request claim to be signed? */
bool identity_is_signed(const struct request *request);

/* Check everything but the signature itself: its form, the body's digest, and
 * its time with `skew_s` of tolerance. 0, or -EINVAL with the reason. */
int identity_read(const struct request *request, int64_t skew_s,
    struct httpsig_params *params, struct err *err);

/* Identify the agent that signed the request. 0, -EINVAL (not validly signed by
 * an enrolled agent: 401), -EDQUOT (likewise, perhaps; there were many of late:
 * 429), or the store's error. A new key counts at once, and
 * so do a revocation and the end of an old key in this process; those that
 * another process wrote count after a second (registry_find()). */
int identity_check(struct server *server, const struct request *request,
    struct registry_agent *agent, struct err *err);

/* The same for a plan or a proof, of which each agent has only so many. False:
 * the reply is that of a refusal. */
bool identity_admit(struct server *server, const struct request *request,
    struct registry_agent *agent, struct reply *reply);

/* The same, and the SHA-256 of the body as sent, which it needs anyway. */
int identity_check_body(struct server *server, const struct request *request,
    struct registry_agent *agent, uint8_t body_sha256[32], struct err *err);

#endif
