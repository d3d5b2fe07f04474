/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_SPF_LOOKUP_H
#define EGRESS25_AGENT_READINESS_SPF_LOOKUP_H

/* Evaluates SPF (spf.h) with the answers of DNS. */

#include "agent/readiness/spf.h"

struct resolver;
struct spf_lookup;

/* Called exactly once, from the loop, unless cancelled. The lookup is gone
 * then: do not cancel it. */
typedef void spf_lookup_done(void *arg, const struct spf *spf);

/* Start: may `address` send mail for `domain`? NULL: no memory. `resolver` is
 * borrowed. */
struct spf_lookup *spf_lookup_start(struct resolver *resolver,
    const struct addr *address, const char *domain, spf_lookup_done *done,
    void *arg);

/* No callback will come. NULL is allowed. */
void spf_lookup_cancel(struct spf_lookup *lookup);

#endif
