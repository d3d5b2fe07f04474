/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_BLOCKLIST_LOOKUP_H
#define EGRESS25_AGENT_READINESS_BLOCKLIST_LOOKUP_H

/* Asks block lists for an address, and for their test entries. */

#include "agent/readiness/blocklist.h"

struct blocklist_lookup;
struct resolver;

/* Called exactly once, from the loop, unless cancelled, with as many results as
 * there are zones, in their order. The lookup is gone then: do not cancel it.
 */
typedef void blocklist_lookup_done(
    void *arg, const struct blocklist_seen *seen, size_t count);

/* Start. NULL: no memory, or no zone. `resolver` is borrowed. */
struct blocklist_lookup *blocklist_lookup_start(struct resolver *resolver,
    const struct addr *address, const struct blocklist_zones *zones,
    blocklist_lookup_done *done, void *arg);

/* Cancel: no callback will come. NULL is allowed. */
void blocklist_lookup_cancel(struct blocklist_lookup *lookup);

#endif
