/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_NETWATCH_H
#define EGRESS25_AGENT_NET_NETWATCH_H

#include <stdbool.h>

struct event_base;
struct netwatch;

/* Called from the loop or from netwatch_check() when the network has changed
 * (netstate.h); `what` says how. It must not free the netwatch. */
typedef void netwatch_changed(void *arg, const char *what);

/* Watch links, addresses and routes through rtnetlink(7), which needs no
 * privilege. NULL: not possible here; errno says why. */
struct netwatch *netwatch_new(
    struct event_base *base, netwatch_changed *changed, void *arg);
void netwatch_free(struct netwatch *netwatch); /* NULL is allowed */

/* Compare now, without waiting for a notification. True: the network has
 * changed and `changed` was called. A NULL netwatch returns false. */
bool netwatch_check(struct netwatch *netwatch);

#endif
