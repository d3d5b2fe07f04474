/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_SOCK_H
#define EGRESS25_AGENT_NET_SOCK_H

/*
 * A connecting TCP socket that also receives ICMP errors, without privilege
 * (IP_RECVERR and IPV6_RECVERR, ip(7) and ipv6(7)).
 */

#include "lib/report/observe.h"

/* The result of a connect. */
struct sock_result {
	bool pending;          /* not finished */
	bool connected;        /* SYN-ACK received, even if reset since */
	int sys_errno;         /* of connect; 0 while pending or connected */
	struct icmp_seen icmp; /* the last ICMP error queued, if any */
};

/* Start a non-blocking connect. `ttl` 0: the system's default. Returns the
 * descriptor, to be closed with sock_close(), or -errno if the host itself
 * refused (-ENETUNREACH, -EACCES). */
int sock_connect(const struct addr *address, uint16_t port, int ttl);

/* The same, but all that follows the SYN has that TTL: the ACK of the handshake
 * is held back for 200 ms, or until there is something to send (TCP_QUICKACK,
 * tcp(7)), and the TTL is set before this returns. */
int sock_connect_held(const struct addr *address, uint16_t port, int ttl);

/* Whether this host can trace paths over that family: sandboxes such as gVisor
 * lack IP_RECVERR or IP_TTL. True if the host lacks the family. */
bool sock_can_trace(uint8_t family);

/* Read the result from a socket that became writable or raised an error. Call
 * again only if the result was `pending`. An ICMP error always ends a
 * connect. */
void sock_result(int fd, struct sock_result *result);

/* The errno of an ICMP error received on an established connection since the
 * last call; 0: none. The kernel does not say who sent it. */
int sock_soft_error(int fd);

/* Whether a connection that has ended was reset rather than closed. */
bool sock_was_reset(int fd);

/* Whether the kernel has given the connection up. */
bool sock_is_closed(int fd);

/* After shutdown(SHUT_WR): did the peer's kernel acknowledge our FIN, or was it
 * retransmitted in vain? PEER_UNKNOWN: neither, yet. */
enum peer_seen sock_peer_after_fin(int fd);

/* How many segments of this connection were retransmitted, the SYN too;
 * OBSERVE_ABSENT: the kernel does not say. */
int sock_retransmits(int fd);

/* Set a connected socket's TTL back to the system's default. */
void sock_full_ttl(int fd, uint8_t family);

/* The report's failure for a connect that failed (contract, section 1). An ICMP
 * error is `unreachable`, whatever errno the kernel mapped it to.
 * FAILURE_NONE: an errno that says nothing about the network. */
enum failure sock_failure(int sys_errno, const struct icmp_seen *icmp);

/* Whether the ICMP message is "time exceeded in transit". */
bool sock_is_time_exceeded(const struct icmp_seen *icmp, uint8_t family);

/* The socket's local address; absent if it has none. */
void sock_local_address(int fd, struct addr *local);

/* The source address this host would use towards the Internet in this family;
 * absent if it has no route. Sends nothing. */
void sock_source_address(uint8_t family, struct addr *local);

void sock_close(int fd); /* a negative fd is allowed */

/* The same, by a RST that has the system's TTL; what was not acknowledged is
 * not sent any more. */
void sock_abort(int fd, uint8_t family);

#endif
