/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_DNS_SERVERS_H
#define EGRESS25_AGENT_NET_DNS_SERVERS_H

/*
 * Lists of name servers, with the zone of a link-local address (RFC 4007, 11):
 * fe80::1%eth0, as router advertisements give them (RFC 8106). c-ares 1.18
 * drops such servers; agent/net/dns_channel.h brings them in again.
 */

#include "lib/base/addr.h"

#define DNS_SERVERS_MAX 8
#define DNS_ZONE_SIZE   16 /* an interface's name (IF_NAMESIZE), and NUL */

struct dns_server {
	struct addr address;
	uint16_t port;            /* 0: 53 */
	char zone[DNS_ZONE_SIZE]; /* "": none */
};

struct dns_servers {
	struct dns_server server[DNS_SERVERS_MAX];
	size_t count;
};

/* Read "192.0.2.53 [2001:db8::53]:53 fe80::1%eth0", blanks or commas between.
 * Servers beyond DNS_SERVERS_MAX are left out. False: an item is no server,
 * or there is none. */
bool dns_servers_parse(struct dns_servers *servers, const char *text);

/* The `nameserver` lines of a resolv.conf(5); lines that are no server are
 * ignored, as resolvers do. */
void dns_servers_from_resolv_conf(
    struct dns_servers *servers, const char *text);

/* Whether any of them has a zone. */
bool dns_servers_have_zone(const struct dns_servers *servers);

#endif
