/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_LIMITER_H
#define EGRESS25_COLLECTOR_ROUTES_LIMITER_H

/*
 * How much one client may ask of the collector ([limits]), counted for all
 * threads, by this collector alone. A client is an agent, the address that a
 * request came from, or the /24 or /48 around it.
 */

#include "collector/base/options.h"
#include "lib/base/addr.h"

struct limiter;

/* NULL: out of memory. */
struct limiter *limiter_new(void);

/* NULL is allowed. */
void limiter_free(struct limiter *limiter);

/* Count something. 0: it is within the limits; else it is not counted, and the
 * result is the seconds after which it would be. */

/* An enrolment; the hour's allowance may be used at once. */
int limiter_take_enrolment(struct limiter *limiter,
    const struct collector_options *options, const struct addr *client);

/* A change of an agent's key; likewise. */
int limiter_take_key_change(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client);

/* A report, and then its probes; ten minutes' allowance may be used at once. */
int limiter_take_report(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client);
int limiter_take_probes(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client, size_t probes);

#endif
