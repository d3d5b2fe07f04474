/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/netwatch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/net/netstate.h"

#define GROUPS                                                  \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | \
	    RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE)
#define GATHER_MS    200 /* notifications come in bursts */
#define ANSWER_MS    1000
#define ANSWER_BYTES 32768
#define DRAIN_MOST   1000 /* messages per turn of the loop */

struct netwatch {
	struct event *news, *look;
	int fd;
	struct netstate state;
	netwatch_changed *changed;
	void *arg;
};

/* --- requests to the kernel --- */

struct netlink_request {
	struct nlmsghdr header;
	struct rtmsg route;
	uint8_t room[64];
};

/* Ask which route a packet to this address would take. Sends none. */
static void ask_route(
    struct netlink_request *request, int family, const char *to)
{
	size_t size = family == AF_INET ? 4 : 16;
	struct rtattr *attribute;

	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg));
	request->header.nlmsg_type = RTM_GETROUTE;
	request->header.nlmsg_flags = NLM_F_REQUEST;
	request->route.rtm_family = (unsigned char)family;
	request->route.rtm_dst_len = (unsigned char)(size * 8);
	attribute = (struct rtattr *)((char *)request +
				      NLMSG_ALIGN(request->header.nlmsg_len));
	attribute->rta_type = RTA_DST;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	inet_pton(family, to, RTA_DATA(attribute));
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    attribute->rta_len;
}

/* Send a request and add its answer to `state`; on failure there is nothing to
 * add. */
static void ask(
    int fd, const struct netlink_request *request, struct netstate *state)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	ssize_t got;

	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return;
	do
		got = recv(fd, answer, sizeof(answer), 0);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		netstate_take(state, answer, (size_t)got);
}

/* 192.0.2.1 and 2001:db8::1 stand for the Internet: no network has a specific
 * route to documentation addresses (RFC 5737, RFC 3849). */
static int look(struct netstate *state)
{
	struct timeval limit = {
	    .tv_sec = ANSWER_MS / 1000, .tv_usec = ANSWER_MS % 1000 * 1000};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct netlink_request request;

	memset(state, 0, sizeof(*state));
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ask_route(&request, AF_INET, "192.0.2.1");
	ask(fd, &request, state);
	ask_route(&request, AF_INET6, "2001:db8::1");
	ask(fd, &request, state);
	close(fd);
	return 0;
}

/* --- notifications --- */

bool netwatch_check(struct netwatch *netwatch)
{
	struct netstate now;
	const char *what;

	if (netwatch == NULL || look(&now) < 0)
		return false;
	what = netstate_change(&netwatch->state, &now);
	netwatch->state = now;
	if (what != NULL)
		netwatch->changed(netwatch->arg, what);
	return what != NULL;
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	netwatch_check(arg);
}

/* The content does not matter, so lost messages (ENOBUFS) do no harm. */
static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct timeval soon = {.tv_usec = GATHER_MS * 1000};
	struct netwatch *netwatch = arg;
	char message[64];
	int i;

	(void)what;
	for (i = 0; i < DRAIN_MOST; i++)
		if (recv(fd, message, sizeof(message),
			MSG_DONTWAIT | MSG_TRUNC) < 0 &&
		    errno != ENOBUFS)
			break;
	if (!event_pending(netwatch->look, EV_TIMEOUT, NULL))
		event_add(netwatch->look, &soon);
}

static int open_news(void)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
	int fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct netwatch *netwatch_new(
    struct event_base *base, netwatch_changed *changed, void *arg)
{
	struct netwatch *netwatch = calloc(1, sizeof(*netwatch));

	if (netwatch == NULL)
		return NULL;
	netwatch->changed = changed;
	netwatch->arg = arg;
	netwatch->fd = open_news();
	if (netwatch->fd >= 0) {
		netwatch->news = event_new(base, netwatch->fd,
		    EV_READ | EV_PERSIST, on_news, netwatch);
		netwatch->look = evtimer_new(base, on_look, netwatch);
	}
	if (netwatch->news == NULL || netwatch->look == NULL ||
	    event_add(netwatch->news, NULL) < 0 || look(&netwatch->state) < 0) {
		netwatch_free(netwatch);
		return NULL;
	}
	return netwatch;
}

void netwatch_free(struct netwatch *netwatch)
{
	if (netwatch == NULL)
		return;
	if (netwatch->news != NULL)
		event_free(netwatch->news);
	if (netwatch->look != NULL)
		event_free(netwatch->look);
	if (netwatch->fd >= 0)
		close(netwatch->fd);
	free(netwatch);
}
