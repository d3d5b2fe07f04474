/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_UPLINK_H
#define EGRESS25_AGENT_UPLOAD_UPLINK_H

/*
 * A client of the collector's API. Every request is signed (lib/http/httpsig).
 * One call at a time; each calls its `done` exactly once, from the loop,
 * unless the uplink is freed first.
 */

#include "lib/http/httpc.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

struct event_base;
struct resolver;
struct uplink;

/* `agent_id` is "" before enrolment. `base`, `resolver`, `tls` and `key` are
 * borrowed; the rest is copied. NULL: no memory. */
struct uplink *uplink_new(struct event_base *base, struct resolver *resolver,
    const struct httpc_url *collector, struct ssl_ctx_st *tls,
    const struct sign_key *key, const char *agent_id);
void uplink_free(struct uplink *uplink); /* cancels; NULL is allowed */

enum uplink_end {
	UPLINK_OK,
	UPLINK_TRY_LATER, /* no answer, or not a collector's */
	UPLINK_REFUSED,   /* will never be accepted; 401: from this key */
};

struct uplink_result {
	enum uplink_end end;
	int status;                          /* HTTP; 0: no answer */
	char why[256];                       /* a sentence, unless OK */
	int retry_after_s;                   /* 0: no Retry-After */
	char agent_id[REPORT_AGENT_SIZE];    /* enrol, rotate */
	struct source_seen source4, source6; /* whoami */
	bool duplicate;                      /* report */
	const char *body; /* the answer; borrowed until `done` returns */
	size_t body_length;
};

typedef void uplink_done(void *arg, const struct uplink_result *result);

/* POST /v1/agents, signed with the key in its body (keyid "enrol"). After OK
 * the uplink signs with the name it was given. `token` and `contact` may be
 * NULL. */
void uplink_enrol(struct uplink *uplink, const char *token, const char *contact,
    uplink_done *done, void *arg);

/* POST /v1/agents/key: make `new_key` this agent's key. Signed with the
 * uplink's own key, which may be the new one if that is already in force. OK
 * only if the agent keeps its name. `new_key` is not used after this returns.
 */
void uplink_rotate(struct uplink *uplink, const struct sign_key *new_key,
    uplink_done *done, void *arg);

/* GET /v1/plan. If OK, `body` is a JSON object; plan.h checks the rest. */
void uplink_plan(struct uplink *uplink, uplink_done *done, void *arg);

/* GET /v1/whoami, over each family in which the collector has an address. OK
 * if at least one of them answered. */
void uplink_whoami(struct uplink *uplink, uplink_done *done, void *arg);

/* POST /v1/reports: an encoded report, gzipped if that is smaller. */
void uplink_report(struct uplink *uplink, const char *json, size_t length,
    uplink_done *done, void *arg);

#endif
