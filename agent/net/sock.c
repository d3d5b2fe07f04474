/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/sock.h"

#include <time.h> /* <linux/errqueue.h> needs it, and only glibc brings it */

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ERRORS_QUEUED_MAX 32 /* read in one call */
#define PEER_RETRANSMITS  2  /* of an unanswered FIN: the peer is cut off */

/* What an errno means if there was no ICMP error. */
static const struct {
	int sys_errno;
	enum failure failure;
} failures[] = {
    {EACCES, FAILURE_DENIED}, {EPERM, FAILURE_DENIED},
    {ETIMEDOUT, FAILURE_TIMEOUT}, {ECONNREFUSED, FAILURE_REFUSED},
    {ECONNRESET, FAILURE_RESET}, {EPIPE, FAILURE_RESET},
    {ENETUNREACH, FAILURE_NO_ROUTE}, {EHOSTUNREACH, FAILURE_NO_ROUTE},
    {ENETDOWN, FAILURE_NO_ROUTE}, {EHOSTDOWN, FAILURE_NO_ROUTE},
    {EADDRNOTAVAIL, FAILURE_NO_ROUTE}, {EAFNOSUPPORT, FAILURE_NO_ROUTE},
    {EINVAL, FAILURE_NO_ROUTE}, /* a blackhole route */
};

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int set_ttl(int fd, uint8_t family, int ttl)
{
	if (family == 4)
		return set_int(fd, IPPROTO_IP, IP_TTL, ttl);
	return set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
}

static int hear_icmp(int fd, uint8_t family)
{
	if (family == 4)
		return set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

/* The TTL of the SYN, and the one from then on; 0: the system's. */
static int connect_with(
    const struct addr *address, uint16_t port, int ttl, int later)
{
	struct sockaddr_storage to;
	socklen_t length = addr_to_sockaddr(address, port, &to);
	int fd, status;

	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	/* Nagle's algorithm would delay commands, and we measure the server. */
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* A sandbox without IP_RECVERR still connects. */
	if ((hear_icmp(fd, address->family) < 0 && ttl + later > 0) ||
	    (ttl > 0 && set_ttl(fd, address->family, ttl) < 0) ||
	    (later > 0 && set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 0) < 0) ||
	    (connect(fd, (struct sockaddr *)&to, length) < 0 &&
		errno != EINPROGRESS) ||
	    (later > 0 && set_ttl(fd, address->family, later) < 0)) {
		status = -errno;
		close(fd);
		return status;
	}
	return fd;
}

int sock_connect(const struct addr *address, uint16_t port, int ttl)
{
	return connect_with(address, port, ttl, 0);
}

int sock_connect_held(const struct addr *address, uint16_t port, int ttl)
{
	return connect_with(address, port, 0, ttl);
}

bool sock_can_trace(uint8_t family)
{
	int fd = socket(family == 4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	bool can = fd < 0 ||
		   (hear_icmp(fd, family) == 0 && set_ttl(fd, family, 1) == 0);

	sock_close(fd);
	return can;
}

/* Returns the errno the kernel mapped it to; 0: not an ICMP error. */
static int keep_icmp(
    const struct sock_extended_err *error, struct icmp_seen *icmp)
{
	if (error->ee_origin != SO_EE_ORIGIN_ICMP &&
	    error->ee_origin != SO_EE_ORIGIN_ICMP6)
		return 0;
	icmp->type = error->ee_type;
	icmp->code = error->ee_code;
	addr_from_sockaddr(&icmp->from, SO_EE_OFFENDER(error));
	return (int)error->ee_errno;
}

/* Room for an extended error and its sender's address. */
union error_control {
	char bytes[CMSG_SPACE(
	    sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
	struct cmsghdr align;
};

/* Take one error from the queue. False: it is empty. */
static bool take_error(int fd, struct icmp_seen *icmp, int *icmp_errno)
{
	union error_control control;
	char packet[1];
	struct iovec iov = {packet, sizeof(packet)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *part;
	int level, type, error;

	message.msg_control = control.bytes;
	message.msg_controllen = sizeof(control.bytes);
	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (part = CMSG_FIRSTHDR(&message); part != NULL;
	     part = CMSG_NXTHDR(&message, part)) {
		level = part->cmsg_level;
		type = part->cmsg_type;
		if ((level != IPPROTO_IP || type != IP_RECVERR) &&
		    (level != IPPROTO_IPV6 || type != IPV6_RECVERR))
			continue;
		error = keep_icmp((const void *)CMSG_DATA(part), icmp);
		if (error != 0)
			*icmp_errno = error;
	}
	return true;
}

/* Returns the errno of the last ICMP error, or 0. */
static int take_errors(int fd, struct icmp_seen *icmp)
{
	int i, icmp_errno = 0;

	for (i = 0; i < ERRORS_QUEUED_MAX; i++)
		if (!take_error(fd, icmp, &icmp_errno))
			break;
	return icmp_errno;
}

/* qemu-user gives a single integer instead (kernel-facts.md): that is none. */
static bool read_tcp_info(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 &&
	       length > sizeof(int);
}

/* Without TCP_INFO, as in some sandboxes, having a peer means connected. */
static int tcp_state(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	struct tcp_info info;

	if (read_tcp_info(fd, &info))
		return info.tcpi_state;
	return getpeername(fd, (struct sockaddr *)&peer, &length) == 0
		   ? TCP_ESTABLISHED
		   : TCP_CLOSE;
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		return errno;
	return error;
}

static bool is_own(int fd, const struct addr *address)
{
	struct addr own;

	sock_local_address(fd, &own);
	return own.family != 0 && addr_equal(&own, address);
}

/* Uses the TCP state, not SO_ERROR alone. SO_ERROR is read before the queue of
 * ICMP errors, because reading the queue clears it. An ICMP error that arrives
 * while the kernel holds the socket does not end the connect, but one that
 * arrives a moment later does; here both end it. */
void sock_result(int fd, struct sock_result *result)
{
	int state, icmp_errno, error = 0;

	memset(result, 0, sizeof(*result));
	result->icmp.type = OBSERVE_ABSENT;
	result->icmp.code = OBSERVE_ABSENT;
	state = tcp_state(fd);
	if (state == TCP_CLOSE)
		error = socket_error(fd);
	icmp_errno = take_errors(fd, &result->icmp);
	result->icmp.own = result->icmp.type != OBSERVE_ABSENT &&
			   is_own(fd, &result->icmp.from);
	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV) {
		result->sys_errno = icmp_errno;
		result->pending = icmp_errno == 0;
	} else if (state != TCP_CLOSE || error == ECONNRESET ||
		   error == EPIPE) {
		result->connected = true;
	} else {
		result->sys_errno = error != 0 ? error : icmp_errno;
	}
}

int sock_soft_error(int fd)
{
	return socket_error(fd);
}

bool sock_was_reset(int fd)
{
	/* EPIPE: the reset only answered data we sent after their FIN. */
	return tcp_state(fd) == TCP_CLOSE && socket_error(fd) != EPIPE;
}

bool sock_is_closed(int fd)
{
	return tcp_state(fd) == TCP_CLOSE;
}

enum peer_seen sock_peer_after_fin(int fd)
{
	struct tcp_info info;

	if (!read_tcp_info(fd, &info))
		return PEER_UNKNOWN;
	if (info.tcpi_state == TCP_FIN_WAIT1 &&
	    info.tcpi_retransmits >= PEER_RETRANSMITS)
		return PEER_CUT_OFF;
	/* After TIME_WAIT begins, the socket itself is closed. */
	if (info.tcpi_state == TCP_CLOSE)
		return socket_error(fd) == ETIMEDOUT ? PEER_CUT_OFF
						     : PEER_ALIVE;
	return info.tcpi_state == TCP_FIN_WAIT2 ? PEER_ALIVE : PEER_UNKNOWN;
}

int sock_retransmits(int fd)
{
	struct tcp_info info;

	return read_tcp_info(fd, &info) ? (int)info.tcpi_total_retrans
					: OBSERVE_ABSENT;
}

void sock_full_ttl(int fd, uint8_t family)
{
	set_ttl(fd, family, -1);
}

enum failure sock_failure(int sys_errno, const struct icmp_seen *icmp)
{
	size_t i;

	if (icmp->type != OBSERVE_ABSENT)
		return FAILURE_UNREACHABLE;
	for (i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		if (failures[i].sys_errno == sys_errno)
			return failures[i].failure;
	return FAILURE_NONE;
}

bool sock_is_time_exceeded(const struct icmp_seen *icmp, uint8_t family)
{
	if (family == 4)
		return icmp->type == ICMP_TIME_EXCEEDED &&
		       icmp->code == ICMP_EXC_TTL;
	return icmp->type == ICMP6_TIME_EXCEEDED &&
	       icmp->code == ICMP6_TIME_EXCEED_TRANSIT;
}

void sock_local_address(int fd, struct addr *local)
{
	struct sockaddr_storage own = {0};
	socklen_t length = sizeof(own);
	static const uint8_t any[16];

	memset(local, 0, sizeof(*local));
	if (getsockname(fd, (struct sockaddr *)&own, &length) < 0)
		return;
	addr_from_sockaddr(local, (struct sockaddr *)&own);
	if (memcmp(local->bytes, any, sizeof(any)) == 0)
		local->family = 0;
}

/* Connecting a UDP socket sends nothing; it only looks up the route. The
 * addresses are those of a root name server, reachable from all of the
 * Internet. */
void sock_source_address(uint8_t family, struct addr *local)
{
	struct sockaddr_storage to;
	struct addr far;
	socklen_t length;
	int fd;

	memset(local, 0, sizeof(*local));
	addr_parse(&far, family == 4 ? "198.41.0.4" : "2001:503:ba3e::2:30");
	length = addr_to_sockaddr(&far, 53, &to);
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, length) == 0)
		sock_local_address(fd, local);
	sock_close(fd);
}

void sock_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sock_abort(int fd, uint8_t family)
{
	struct linger now = {.l_onoff = 1};

	if (fd < 0)
		return;
	sock_full_ttl(fd, family);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}
