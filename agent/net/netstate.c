/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/netstate.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#define TEMPORARY_BITS 64 /* what such addresses have in common */

/* --- the kernel's messages --- */

/* The address in an attribute; absent if it is too short. */
static struct addr address_of(const struct rtattr *attribute, uint8_t family)
{
	struct addr addr = {0};
	size_t size = family == AF_INET ? 4 : 16;

	if (RTA_PAYLOAD(attribute) < size)
		return addr;
	addr.family = family == AF_INET ? 4 : 6;
	memcpy(addr.bytes, RTA_DATA(attribute), size);
	return addr;
}

static uint32_t number_of(const struct rtattr *attribute)
{
	uint32_t number = 0;

	if (RTA_PAYLOAD(attribute) >= sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

static void take_route(struct netstate *state, const struct nlmsghdr *header)
{
	const struct rtmsg *message = NLMSG_DATA(header);
	const struct rtattr *attribute = RTM_RTA(message);
	long left = (long)RTM_PAYLOAD(header);
	struct netstate_route route = {
	    .exists = message->rtm_type == RTN_UNICAST};

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == RTA_OIF)
			route.interface = number_of(attribute);
		else if (attribute->rta_type == RTA_GATEWAY)
			route.gateway = address_of(
			    attribute, message->rtm_family);
		else if (attribute->rta_type == RTA_PREFSRC)
			route.source = address_of(
			    attribute, message->rtm_family);
	}
	if (message->rtm_family == AF_INET)
		state->route4 = route;
	else if (message->rtm_family == AF_INET6)
		state->route6 = route;
}

static bool has_room(const struct nlmsghdr *header, size_t size)
{
	return header->nlmsg_len >= NLMSG_LENGTH(size);
}

bool netstate_take(struct netstate *state, const void *bytes, size_t length)
{
	const struct nlmsghdr *header = bytes;
	long left = (long)length;

	if (!NLMSG_OK(header, left))
		return true;
	for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
		if (header->nlmsg_type == NLMSG_DONE ||
		    header->nlmsg_type == NLMSG_ERROR)
			return true;
		if (header->nlmsg_type == RTM_NEWROUTE &&
		    has_room(header, sizeof(struct rtmsg)))
			take_route(state, header);
	}
	return false;
}

/* --- decisions --- */

/* A host takes a new temporary address out of the same /64 every day (RFC
 * 8981). */
static bool same_source(const struct addr *a, const struct addr *b)
{
	struct addr left = *a, right = *b;

	if (left.family == 6 && right.family == 6) {
		left = addr_mask(a, TEMPORARY_BITS);
		right = addr_mask(b, TEMPORARY_BITS);
	}
	return addr_equal(&left, &right);
}

static bool same_route(
    const struct netstate_route *a, const struct netstate_route *b)
{
	return a->exists == b->exists &&
	       (!a->exists || (a->interface == b->interface &&
				  addr_equal(&a->gateway, &b->gateway) &&
				  same_source(&a->source, &b->source)));
}

const char *netstate_change(
    const struct netstate *before, const struct netstate *now)
{
	if (!same_route(&before->route4, &now->route4))
		return "IPv4 route changed";
	if (!same_route(&before->route6, &now->route6))
		return "IPv6 route changed";
	return NULL;
}

int64_t netstate_settle(struct netstate_settling *settling, int64_t now_ms)
{
	int64_t most_ms;

	if (settling->until_ms <= now_ms)
		settling->first_ms = now_ms;
	most_ms = settling->first_ms + NETSTATE_SETTLE_MOST_MS;
	settling->until_ms = now_ms + NETSTATE_SETTLE_MS;
	if (settling->until_ms > most_ms)
		settling->until_ms = most_ms;
	return settling->until_ms;
}
