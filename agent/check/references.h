/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_REFERENCES_H
#define EGRESS25_AGENT_CHECK_REFERENCES_H

/* Which known endpoints to ask for a second opinion, for ports on which the
 * named hosts alone do not decide. Pure. */

#include "agent/explain/port_state.h"
#include "lib/config/endpoints.h"

#define REFERENCES_MAX 2

/*
 * Choose at most REFERENCES_MAX of `known` that serve an undecided port among
 * `ports`, and are not among `asked`, starting at index `first` modulo their
 * number, so that the load is spread. They are appended to `chosen`, with their
 * undecided ports only and one address each. Returns how many, or -ENOMEM.
 */
int references_choose(const struct endpoint_list *known,
    const struct endpoint_list *asked, const struct explain_port *ports,
    size_t count, size_t first, struct endpoint_list *chosen);

#endif
