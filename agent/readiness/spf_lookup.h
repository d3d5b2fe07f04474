/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_SPF_LOOKUP_H
#define EGRESS25_AGENT_READINESS_SPF_LOOKUP_H

/* An SPF evaluation (agent/readiness/spf) whose questions DNS answers, one by
 * one. */

#include "agent/readiness/spf.h"

struct resolver;
struct spf_lookup;

/* Called exactly once, from the loop, unless cancelled. The callee must not
 * cancel it any more. */
typedef void spf_lookup_done(void *arg, const struct spf *spf);

/* May `address` send mail for `domain`? NULL: no memory. `resolver` is
 * borrowed. */
struct spf_lookup *spf_lookup_start(struct resolver *resolver,
    const struct addr *address, const char *domain, spf_lookup_done *done,
    void *arg);

/* No callback will come. NULL is allowed. */
void spf_lookup_cancel(struct spf_lookup *lookup);

#endif
