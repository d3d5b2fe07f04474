/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_UPLINK_H
#define EGRESS25_AGENT_UPLOAD_UPLINK_H

/*
 * The agent's side of the collector's API: enrolment, source proofs, upload.
 * Every request is signed (lib/http/httpsig). One call at a time.
 */

#include "lib/http/httpc.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

struct event_base;
struct resolver;
struct uplink;

/* `agent_id` may be "" until enrolled. `key` and `tls` are borrowed; the rest
 * is copied. NULL: no memory. */
struct uplink *uplink_new(struct event_base *base, struct resolver *resolver,
    const struct httpc_url *collector, struct ssl_ctx_st *tls,
    const struct sign_key *key, const char *agent_id);
void uplink_free(struct uplink *uplink); /* cancels */

/* How a call ended. */
enum uplink_end {
	UPLINK_OK,
	UPLINK_TRY_LATER, /* no answer, or none that a collector stands for */
	UPLINK_REFUSED,   /* never accepted as it is; 401: from this key */
};

struct uplink_result {
	enum uplink_end end;
	int status;                          /* of HTTP; 0: no answer */
	char why[256];                       /* unless OK: a sentence */
	int retry_after_s;                   /* 0: not said */
	char agent_id[REPORT_AGENT_SIZE];    /* enrol */
	struct source_seen source4, source6; /* whoami */
	bool duplicate;                      /* upload */
	const char *body; /* the answer's; borrowed until the call returns */
	size_t body_length;
};

/* Called exactly once, from the loop, unless the uplink is freed. */
typedef void uplink_done(void *arg, const struct uplink_result *result);

/* POST /v1/agents, signed with the key that it carries (keyid "enrol"). From
 * then on the uplink signs as the agent that it was given. `token` may be
 * NULL. */
void uplink_enrol(struct uplink *uplink, const char *token, const char *contact,
    uplink_done *done, void *arg);

/* POST /v1/agents/key: from now on `new_key` is to be this agent's. Signed by
 * the uplink's own key, which may be the new one where that is in force
 * already. OK only where the agent keeps its name. `new_key` is borrowed for
 * the time of this call. */
void uplink_rotate(struct uplink *uplink, const struct sign_key *new_key,
    uplink_done *done, void *arg);

/* GET /v1/plan: OK with a JSON object in `body`. */
void uplink_plan(struct uplink *uplink, uplink_done *done, void *arg);

/* GET /v1/whoami over each family that the collector has an address of. OK
 * where at least one family answered. */
void uplink_whoami(struct uplink *uplink, uplink_done *done, void *arg);

/* POST /v1/reports with the encoded report, gzip where it helps. */
void uplink_report(struct uplink *uplink, const char *json, size_t length,
    uplink_done *done, void *arg);

#endif
