/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_CLIENT_LIMITS_H
#define EGRESS25_COLLECTOR_INTAKE_CLIENT_LIMITS_H

/*
 * How much one client may ask of the collector ([limits]), counted for all
 * threads, by this collector alone. A client is an agent, the address that a
 * request came from, or the /24 or /48 around it.
 */

#include "collector/base/options.h"
#include "lib/base/addr.h"

struct client_limits;

/* NULL: out of memory. */
struct client_limits *client_limits_new(void);

/* NULL is allowed. */
void client_limits_free(struct client_limits *limits);

/* Count something. 0: it is within the limits; else it is not counted, and the
 * result is the seconds after which it would be. */

/* An enrolment; the hour's allowance may be used at once. */
int client_limits_enrol(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client);

/* A change of an agent's key; likewise. */
int client_limits_change_key(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client);

/* A report, and then its probes; ten minutes' allowance may be used at once. */
int client_limits_report(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client);
int client_limits_probes(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client, size_t probes);

/* A plan or a proof, of which an agent may ask for as many as it may send
 * reports. */
int client_limits_ask(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client);

/* A look for an agent's new key in the store, after a signature that is not the
 * known key's: one in five seconds of an agent, one a second of a prefix; some
 * at once. */
int client_limits_look_anew(
    struct client_limits *limits, const char *agent, const struct addr *client);

/* A read: may it be answered, and then what it has cost in us of a reader's
 * time, which is taken even if it is more than was left. A client is an address
 * here, of IPv6 the /64. */
int client_limits_may_read(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client);
void client_limits_spend(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client,
    int64_t us);

#endif
