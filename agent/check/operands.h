/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_OPERANDS_H
#define EGRESS25_AGENT_CHECK_OPERANDS_H

#include "lib/base/err.h"
#include "lib/config/endpoints.h"

/*
 * The HOST operands of `check` as endpoints: HOST, HOST:PORT, [IPv6]:PORT, each
 * perhaps with /starttls or /tls behind the port. A HOST without a port gets
 * `ports`, or 25, 587 and 465 where `ports` is empty. A port that is named has
 * the mode tls if it is 465, else starttls. The same host several times is one
 * endpoint. All get the control port 443. Unless 0, nothing is owned.
 */
int hosts_to_endpoints(char *const *hosts, int nhosts,
    const struct port_list *ports, struct endpoint_list *list, struct err *err);

#endif
