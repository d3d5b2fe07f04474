/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_DNS_CHANNEL_H
#define EGRESS25_AGENT_NET_DNS_CHANNEL_H

/* A c-ares channel with its name servers set, link-local ones too. */

#include "agent/net/dns_servers.h"
#include "lib/base/err.h"

struct ares_channeldata;

/* What the channel's sockets need; it must outlive the channel. */
struct dns_channel {
	struct ares_channeldata *ares;
	struct {
		struct addr address;
		unsigned scope; /* the interface's index */
	} link_local[DNS_SERVERS_MAX];
	size_t nlink_local;
};

/* Use these servers (dns_servers.h), or the system's where `servers` is NULL or
 * "". 0, -ENOMEM, or -EINVAL with `err`: no list, or no such interface. */
int dns_channel_use(
    struct dns_channel *channel, const char *servers, struct err *err);

#endif
