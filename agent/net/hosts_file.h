/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_HOSTS_FILE_H
#define EGRESS25_AGENT_NET_HOSTS_FILE_H

#include "agent/net/dns_found.h"

struct ares_channeldata;

/* The addresses that the hosts file (hosts(5)) has for `host` over this family,
 * as many as `found` holds. Returns whether the file has the host at all: if it
 * has it over the other family alone, `found` is empty and says why; if not,
 * `found` stays as it was. Reads the file each time: it is small, and may
 * change. localhost is not for the file to say (RFC 6761, 6.3). */
bool hosts_file_read(struct ares_channeldata *channel, const char *host,
    uint8_t family, struct resolve_addresses *found);

#endif
