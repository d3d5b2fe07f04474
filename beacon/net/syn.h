/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_BEACON_NET_SYN_H
#define EGRESS25_BEACON_NET_SYN_H

#include <stddef.h>
#include <stdint.h>

/*
 * The TTL, or hop limit, of the SYN that opened a connection. IP_RECVTTL does
 * not serve TCP; TCP_SAVE_SYN on the listening socket (Linux 4.2) keeps the
 * SYN's headers, which anybody may read once with TCP_SAVED_SYN.
 */

/* Ask the kernel to keep them. 0 or -errno. */
int syn_save(int listening_fd);

/* Of a connection; 0: unknown. */
uint8_t syn_ttl(int fd);

/* Of an IPv4 or IPv6 header; 0: it is neither. Pure. */
uint8_t syn_parse_ttl(const uint8_t *header, size_t length);

#endif
