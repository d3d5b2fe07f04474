/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/netstate.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/rows.h"

/* Consecutive messages as the kernel writes them. */
struct messages {
	_Alignas(struct nlmsghdr) char bytes[4096];
	size_t length;
};

static struct nlmsghdr *open_message(
    struct messages *to, unsigned short type, size_t body)
{
	struct nlmsghdr *header = (void *)(to->bytes + to->length);

	memset(header, 0, NLMSG_SPACE(body));
	header->nlmsg_type = type;
	header->nlmsg_len = (unsigned)NLMSG_LENGTH(body);
	return header;
}

static void add(struct nlmsghdr *header, unsigned short type, const void *value,
    size_t size)
{
	struct rtattr *attribute = (void *)((char *)header +
					    NLMSG_ALIGN(header->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), value, size);
	header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + attribute->rta_len;
}

static void close_message(struct messages *to, const struct nlmsghdr *header)
{
	to->length += NLMSG_ALIGN(header->nlmsg_len);
}

static void add_text(
    struct nlmsghdr *header, unsigned short type, const char *text)
{
	struct addr addr;

	if (addr_parse(&addr, text))
		add(header, type, addr.bytes, addr.family == 4 ? 4 : 16);
}

static void put_address(
    struct messages *to, const char *text, unsigned char scope, uint32_t flags)
{
	struct nlmsghdr *header = open_message(
	    to, RTM_NEWADDR, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *message = NLMSG_DATA(header);

	message->ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	message->ifa_scope = scope;
	add_text(header, IFA_ADDRESS, text);
	add(header, IFA_FLAGS, &flags, sizeof(flags));
	close_message(to, header);
}

/* "4 IF GATEWAY SOURCE" */
static void put_route(struct messages *to, const char *text)
{
	struct nlmsghdr *header = open_message(
	    to, RTM_NEWROUTE, sizeof(struct rtmsg));
	struct rtmsg *message = NLMSG_DATA(header);
	char gateway[64], source[64];
	unsigned family;
	uint32_t interface;

	assert_int_equal(sscanf(text, "%u %u %63s %63s", &family, &interface,
			     gateway, source),
	    4);
	message->rtm_family = family == 4 ? AF_INET : AF_INET6;
	message->rtm_type = RTN_UNICAST;
	add(header, RTA_OIF, &interface, sizeof(interface));
	add_text(header, RTA_GATEWAY, gateway);
	add_text(header, RTA_PREFSRC, source);
	close_message(to, header);
}

#define SIDE_MOST 3

struct side {
	const char *addresses[SIDE_MOST];
	uint32_t flags[SIDE_MOST];
	unsigned char scopes[SIDE_MOST];
	const char *routes[2];
};

static void take(const struct side *side, struct netstate *state)
{
	struct messages all = {.length = 0};
	int i;

	memset(state, 0, sizeof(*state));
	for (i = 0; i < SIDE_MOST && side->addresses[i] != NULL; i++)
		put_address(
		    &all, side->addresses[i], side->scopes[i], side->flags[i]);
	for (i = 0; i < 2 && side->routes[i] != NULL; i++)
		put_route(&all, side->routes[i]);
	if (all.length > 0)
		assert_false(netstate_take(state, all.bytes, all.length));
}

#define A4 "198.51.100.7"
#define B4 "203.0.113.9"
#define A6 "2001:db8:1::7"

static const struct row {
	const char *name;
	struct side before, now;
	const char *what; /* NULL: no change */
} rows[] = {
    {"the same addresses are no change", {{A4, A6}}, {{A4, A6}}, NULL},
    {"nor is a different order", {{A4, A6}}, {{A6, A4}}, NULL},
    {"nor an address on two interfaces", {{A4}}, {{A4, A4}}, NULL},
    {"a new address", {{A4}}, {{A4, B4}}, "new address"},
    {"the first address", {{NULL}}, {{A4}}, "new address"},
    {"an address replaced", {{A4}}, {{B4}}, "new address"},
    {"address removed", {{A4, A6}}, {{A4}}, "address removed"},
    {"a link-local address is ignored", {{A4}},
	{{A4, "fe80::1"}, .scopes = {0, RT_SCOPE_LINK}}, NULL},
    {"a host-scope address is ignored", {{A4}},
	{{A4, "127.0.0.1"}, .scopes = {0, RT_SCOPE_HOST}}, NULL},
    {"a tentative address is ignored", {{A4}},
	{{A4, A6}, .flags = {0, IFA_F_TENTATIVE}}, NULL},
    {"once it is no longer tentative it is there",
	{{A6}, .flags = {IFA_F_TENTATIVE}}, {{A6}}, "new address"},
    {"an address that failed DAD is ignored", {{A4}},
	{{A4, A6}, .flags = {0, IFA_F_DADFAILED}}, NULL},
    {"an address whose lifetime is renewed is the same",
	{{A6}, .flags = {IFA_F_MANAGETEMPADDR}}, {{A6}}, NULL},
    {"a different next hop", {{A4}, .routes = {"4 2 198.51.100.1 " A4}},
	{{A4}, .routes = {"4 2 198.51.100.2 " A4}}, "IPv4 route changed"},
    {"a different interface", {{A4}, .routes = {"4 2 198.51.100.1 " A4}},
	{{A4}, .routes = {"4 3 198.51.100.1 " A4}}, "IPv4 route changed"},
    {"a different source address", {{A6}, .routes = {"6 2 fe80::1 " A6}},
	{{A6}, .routes = {"6 2 fe80::1 2001:db8:1::8"}}, "IPv6 route changed"},
    {"the route is gone", {{A6}, .routes = {"6 2 fe80::1 " A6}}, {{A6}},
	"IPv6 route changed"},
    {"a new route", {{A4}}, {{A4}, .routes = {"4 2 198.51.100.1 " A4}},
	"IPv4 route changed"},
    {"the same routes", {{A4}, .routes = {"4 2 198.51.100.1 " A4, "6 2 - " A6}},
	{{A4}, .routes = {"6 2 - " A6, "4 2 198.51.100.1 " A4}}, NULL},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct netstate before, now;
	const char *what;

	take(&row->before, &before);
	take(&row->now, &now);
	what = netstate_change(&before, &now);
	if (row->what == NULL)
		assert_null(what);
	else
		assert_string_equal(what ? what : "nothing", row->what);
}

static void own_address(void **state)
{
	struct messages all = {.length = 0};
	struct nlmsghdr *header = open_message(
	    &all, RTM_NEWADDR, sizeof(struct ifaddrmsg));
	struct netstate seen = {.count = 0};
	char text[ADDR_TEXT_SIZE];

	(void)state;
	((struct ifaddrmsg *)NLMSG_DATA(header))->ifa_family = AF_INET;
	add_text(header, IFA_ADDRESS, B4);
	add_text(header, IFA_LOCAL, A4);
	close_message(&all, header);
	netstate_take(&seen, all.bytes, all.length);
	assert_int_equal(seen.count, 1);
	assert_string_equal(addr_format(&seen.addresses[0], text), A4);
}

/* Every prefix of a complete answer: nothing is read beyond its end. */
static void cut(void **state)
{
	struct messages all = {.length = 0};
	struct netstate seen;
	size_t length;

	(void)state;
	put_address(&all, A6, 0, 0);
	put_route(&all, "4 2 198.51.100.1 " A4);
	for (length = 0; length < all.length; length++) {
		_Alignas(struct nlmsghdr) char part[4096];

		memset(part, 0xff, sizeof(part));
		memcpy(part, all.bytes, length);
		memset(&seen, 0, sizeof(seen));
		netstate_take(&seen, part, length);
		assert_true(seen.count <= 1);
		assert_false(seen.route4.exists);
	}
}

static void too_many(void **state)
{
	struct netstate seen = {.count = 0};
	char text[32];
	int i;

	(void)state;
	for (i = 0; i < NETSTATE_ADDRESSES_MAX + 10; i++) {
		struct messages all = {.length = 0};

		snprintf(text, sizeof(text), "10.0.%d.%d", i / 200, i % 200);
		put_address(&all, text, 0, 0);
		netstate_take(&seen, all.bytes, all.length);
	}
	assert_int_equal(seen.count, NETSTATE_ADDRESSES_MAX);
}

static void ends(void **state)
{
	struct messages done = {.length = 0};
	struct netstate seen = {.count = 0};

	(void)state;
	close_message(&done, open_message(&done, NLMSG_DONE, 4));
	put_address(&done, A4, 0, 0);
	assert_true(netstate_take(&seen, done.bytes, done.length));
	assert_int_equal(seen.count, 0);
	assert_true(netstate_take(&seen, done.bytes, 0));
}

/* --- settling --- */

static const struct settle_row {
	const char *name;
	int64_t changes_ms[16]; /* 0 ends them */
	int64_t until_ms;
} settle_rows[] = {
    {"one change settles in five seconds", {1000}, 6000},
    {"each change starts the wait again", {1000, 3000, 7000}, 12000},
    {"but for at most a minute after the first one",
	{1000, 5000, 9000, 13000, 17000, 21000, 25000, 29000, 33000, 37000,
	    41000, 45000, 49000, 53000, 57000},
	61000},
    {"a change after that starts again", {1000, 100000, 104000}, 109000},
};

static void run_settle(void **state)
{
	const struct settle_row *row = *state;
	struct netstate_settling settling = {0};
	int64_t until_ms = 0;
	int i;

	for (i = 0; i < 16 && row->changes_ms[i] != 0; i++)
		until_ms = netstate_settle(&settling, row->changes_ms[i]);
	assert_int_equal(until_ms, row->until_ms);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(
	    &list, "a tunnel's own end counts, not the other", own_address);
	test_add(&list, "an answer may be truncated anywhere", cut);
	test_add(&list, "more addresses than there is room for", too_many);
	test_add(&list, "nothing counts after the end of an answer", ends);
	TEST_ROWS(&list, settle_rows, run_settle);
	return test_run("netstate", &list);
}
