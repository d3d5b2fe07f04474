/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_SOCK_H
#define EGRESS25_AGENT_NET_SOCK_H

/*
 * A connecting TCP socket that also hears ICMP, without privilege
 * (IP_RECVERR and IPV6_RECVERR, ip(7) and ipv6(7)).
 */

#include "lib/report/observe.h"

/* What a connect came to. */
struct sock_result {
	bool pending;          /* still under way */
	bool connected;        /* SYN-ACK came, even if a reset did then */
	int sys_errno;         /* of connect; 0 while pending or connected */
	struct icmp_seen icmp; /* the last ICMP error, if any was queued */
};

/* A non-blocking socket that has begun to connect. `ttl` 0: the system's.
 * Returns the descriptor, or -errno where not even that was possible
 * (-ENETUNREACH, -EACCES: what the host itself said). Close with
 * sock_close(). */
int sock_connect(const struct addr *address, uint16_t port, int ttl);

/* Look, once, at a socket that became writable or raised an error; again only
 * where the result is `pending`. An ICMP error always ends a connect. */
void sock_result(int fd, struct sock_result *result);

/* The errno of an ICMP error that came to a connection which still stands; 0:
 * none since the last look. Who sent it, the kernel does not tell then. */
int sock_soft_error(int fd);

/* Whether a connection that reads as ended was reset, not closed. */
bool sock_was_reset(int fd);

/* Raise a connected socket's TTL to the system's own again. */
void sock_full_ttl(int fd, uint8_t family);

/* The contract's failure for a connect that did not stand. An ICMP error is
 * `unreachable`, whatever errno the kernel made of it. */
enum failure sock_failure(int sys_errno, const struct icmp_seen *icmp);

/* True where the ICMP message is "time exceeded in transit". */
bool sock_is_time_exceeded(const struct icmp_seen *icmp, uint8_t family);

/* The socket's own address; absent where it has none. */
void sock_local_address(int fd, struct addr *local);

/* The address from which this host would speak to the Internet in this family;
 * absent where it has no way there. Nothing is sent. */
void sock_source_address(uint8_t family, struct addr *local);

void sock_close(int fd);

#endif
