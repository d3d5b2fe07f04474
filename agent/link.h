/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_LINK_H
#define EGRESS25_AGENT_LINK_H

#include "agent/identity.h"
#include "agent/uplink.h"

/* An uplink with the resolver and the TLS context that it needs, for as long
 * as there is something to say to the collector. */
struct link {
	struct resolver *resolver;
	struct ssl_ctx_st *tls;
	struct uplink *uplink; /* NULL: the link is not open */
};

/* Open one to the configured collector. `identity` is borrowed. Unless 0, it
 * is not open. */
int link_open(struct link *link, struct event_base *base,
    const struct agent_options *options, const struct identity *identity,
    struct err *err);

/* Cancels what is under way. One that is not open is allowed. */
void link_close(struct link *link);

#endif
