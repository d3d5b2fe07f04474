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

/* What the kernel sends of an address; nothing of it counts. */
static void put_address(struct messages *to, const char *text)
{
	struct nlmsghdr *header = open_message(
	    to, RTM_NEWADDR, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *message = NLMSG_DATA(header);

	message->ifa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	add_text(header, IFA_ADDRESS, text);
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

static void take(const char *const routes[2], struct netstate *state)
{
	struct messages all = {.length = 0};
	int i;

	memset(state, 0, sizeof(*state));
	put_address(&all, "172.17.0.1");
	for (i = 0; i < 2 && routes[i] != NULL; i++)
		put_route(&all, routes[i]);
	assert_false(netstate_take(state, all.bytes, all.length));
}

#define A4 "198.51.100.7"
#define A6 "2001:db8:1::7"

static const struct row {
	const char *name;
	const char *before[2], *now[2];
	const char *what; /* NULL: no change */
} rows[] = {
    {"no route is no change", {NULL}, {NULL}, NULL},
    {"a different next hop", {"4 2 198.51.100.1 " A4}, {"4 2 198.51.100.2 " A4},
	"IPv4 route changed"},
    {"a different interface", {"4 2 198.51.100.1 " A4},
	{"4 3 198.51.100.1 " A4}, "IPv4 route changed"},
    {"a different source address", {"4 2 198.51.100.1 " A4},
	{"4 2 198.51.100.1 198.51.100.8"}, "IPv4 route changed"},
    {"a different prefix", {"6 2 fe80::1 " A6}, {"6 2 fe80::1 2001:db8:2::7"},
	"IPv6 route changed"},
    {"a new temporary address in the same prefix", {"6 2 fe80::1 " A6},
	{"6 2 fe80::1 2001:db8:1::8"}, NULL},
    {"the first IPv6 address", {"6 2 fe80::1 -"}, {"6 2 fe80::1 " A6},
	"IPv6 route changed"},
    {"the route is gone", {"6 2 fe80::1 " A6}, {NULL}, "IPv6 route changed"},
    {"a new route", {NULL}, {"4 2 198.51.100.1 " A4}, "IPv4 route changed"},
    {"the same routes", {"4 2 198.51.100.1 " A4, "6 2 - " A6},
	{"6 2 - " A6, "4 2 198.51.100.1 " A4}, NULL},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct netstate before, now;
	const char *what;

	take(row->before, &before);
	take(row->now, &now);
	what = netstate_change(&before, &now);
	if (row->what == NULL)
		assert_null(what);
	else
		assert_string_equal(what ? what : "nothing", row->what);
}

/* Every prefix of a complete answer: nothing is read beyond its end. */
static void cut(void **state)
{
	struct messages all = {.length = 0};
	struct netstate seen;
	size_t length;

	(void)state;
	put_address(&all, A6);
	put_route(&all, "4 2 198.51.100.1 " A4);
	for (length = 0; length < all.length; length++) {
		_Alignas(struct nlmsghdr) char part[4096];

		memset(part, 0xff, sizeof(part));
		memcpy(part, all.bytes, length);
		memset(&seen, 0, sizeof(seen));
		netstate_take(&seen, part, length);
		assert_false(seen.route4.exists);
	}
}

static void ends(void **state)
{
	struct messages done = {.length = 0};
	struct netstate seen = {0};

	(void)state;
	close_message(&done, open_message(&done, NLMSG_DONE, 4));
	put_route(&done, "4 2 198.51.100.1 " A4);
	assert_true(netstate_take(&seen, done.bytes, done.length));
	assert_false(seen.route4.exists);
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
	test_add(&list, "an answer may be truncated anywhere", cut);
	test_add(&list, "nothing counts after the end of an answer", ends);
	TEST_ROWS(&list, settle_rows, run_settle);
	return test_run("netstate", &list);
}
