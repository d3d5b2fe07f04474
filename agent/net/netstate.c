/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/netstate.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

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

static int compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

static void add_address(struct netstate *state, const struct addr *addr)
{
	size_t at = 0;

	while (at < state->count && compare(&state->addresses[at], addr) < 0)
		at++;
	if (state->count == NETSTATE_ADDRESSES_MAX ||
	    (at < state->count && compare(&state->addresses[at], addr) == 0))
		return;
	memmove(&state->addresses[at + 1], &state->addresses[at],
	    (state->count - at) * sizeof(*addr));
	state->addresses[at] = *addr;
	state->count++;
}

/* The host's address is IFA_LOCAL, or IFA_ADDRESS if there is none. */
static void take_address(struct netstate *state, const struct nlmsghdr *header)
{
	const struct ifaddrmsg *message = NLMSG_DATA(header);
	const struct rtattr *attribute = IFA_RTA(message);
	long left = (long)IFA_PAYLOAD(header);
	struct addr local = {0}, address = {0};
	uint32_t flags = message->ifa_flags;

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == IFA_LOCAL)
			local = address_of(attribute, message->ifa_family);
		else if (attribute->rta_type == IFA_ADDRESS)
			address = address_of(attribute, message->ifa_family);
		else if (attribute->rta_type == IFA_FLAGS)
			flags = number_of(attribute);
	}
	if (local.family == 0)
		local = address;
	if (local.family != 0 && message->ifa_scope < RT_SCOPE_LINK &&
	    (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0)
		add_address(state, &local);
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
		if (header->nlmsg_type == RTM_NEWADDR &&
		    has_room(header, sizeof(struct ifaddrmsg)))
			take_address(state, header);
		if (header->nlmsg_type == RTM_NEWROUTE &&
		    has_room(header, sizeof(struct rtmsg)))
			take_route(state, header);
	}
	return false;
}

/* --- decisions --- */

/* Whether `in` has every address of `of`. */
static bool holds_all(const struct netstate *in, const struct netstate *of)
{
	size_t i, k = 0;

	for (i = 0; i < of->count; i++) {
		while (k < in->count &&
		       compare(&in->addresses[k], &of->addresses[i]) < 0)
			k++;
		if (k == in->count ||
		    compare(&in->addresses[k], &of->addresses[i]) != 0)
			return false;
	}
	return true;
}

static bool same_route(
    const struct netstate_route *a, const struct netstate_route *b)
{
	return a->exists == b->exists &&
	       (!a->exists || (a->interface == b->interface &&
				  addr_equal(&a->gateway, &b->gateway) &&
				  addr_equal(&a->source, &b->source)));
}

const char *netstate_change(
    const struct netstate *before, const struct netstate *now)
{
	if (!holds_all(before, now))
		return "new address";
	if (!holds_all(now, before))
		return "address removed";
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
