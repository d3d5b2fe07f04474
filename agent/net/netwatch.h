/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_NETWATCH_H
#define EGRESS25_AGENT_NET_NETWATCH_H

#include <stdbool.h>

struct event_base;
struct netwatch;

/* Called from the loop, or from netwatch_check(), when the network is another
 * one (netstate.h): `what` says what changed. It may not free the netwatch. */
typedef void netwatch_changed(void *arg, const char *what);

/* Follow the kernel's news of links, addresses and routes (rtnetlink(7)), which
 * needs no privilege. NULL: that cannot be had here; errno says why. */
struct netwatch *netwatch_new(
    struct event_base *base, netwatch_changed *changed, void *arg);
void netwatch_free(struct netwatch *netwatch); /* NULL is allowed */

/* Look now, whatever news has come. True: it changed, and `changed` was
 * called. NULL is allowed: false. */
bool netwatch_check(struct netwatch *netwatch);

#endif
