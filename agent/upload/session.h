/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_SESSION_H
#define EGRESS25_AGENT_UPLOAD_SESSION_H

#include "agent/upload/identity.h"
#include "agent/upload/uplink.h"

/* An uplink with the resolver and the TLS context that it needs, for as long
 * as there is something to say to the collector. */
struct session {
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct uplink *uplink; /* NULL: the session is not open */
};

/* Open one to the configured collector. `identity` is borrowed. Unless 0, it
 * is not open. */
int session_open(struct session *session, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err);

/* Cancels what is under way. One that is not open is allowed. */
void session_close(struct session *session);

#endif
