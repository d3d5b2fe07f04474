/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_SESSION_H
#define EGRESS25_AGENT_UPLOAD_SESSION_H

#include "agent/upload/identity.h"
#include "agent/upload/uplink.h"

/* An uplink with its own resolver and TLS context. Open only while there are
 * calls to make, because both take memory. */
struct session {
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct uplink *uplink; /* NULL: closed */
};

/* Open a session to the configured collector. `identity` is borrowed. 0,
 * -EINVAL or -errno; on failure the session is closed. */
int session_open(struct session *session, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err);

/* Cancel the call under way and free everything. A closed or zeroed session is
 * allowed. */
void session_close(struct session *session);

#endif
