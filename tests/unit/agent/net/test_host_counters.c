/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/host_counters_file.h"

#include <string.h>

#include "tests/support/rows.h"

#define DEV                                                          \
	"Inter-|   Receive                                      \n"  \
	" face |bytes    packets errs drop                       \n" \
	"  lo0: 1 2 0 0\n    lo: 1500      17    0    0\n  eth0: 9 9 0 0\n"
#define NETSTAT                                               \
	"TcpExt: SyncookiesSent TCPSynRetrans TCPRetransFail" \
	" TCPSynRetransmitted\nTcpExt: 1 22 333 4\n"          \
	"IpExt: InNoRoutes TCPSynRetrans\nIpExt: 5 6\n"

static const struct row {
	const char *name, *netstat, *dev;
	bool known;
} rows[] = {
    {"both files", NETSTAT, DEV, true},
    {"another table first", "IpExt: A\nIpExt: 1\n" NETSTAT, DEV, true},
    {"a kernel that does not count", "TcpExt: SyncookiesSent\nTcpExt: 1\n", DEV,
	false},
    {"names without values", "TcpExt: TCPSynRetrans TCPRetransFail\n", DEV,
	false},
    {"fewer values than names",
	"TcpExt: A TCPSynRetrans TCPRetransFail\nTcpExt: 1 2\n", DEV, false},
    {"no loopback", NETSTAT, "  eth0: 9 9 0 0\n", false},
    {"files that cannot be read", "", "", false},
};

static void parse(void **state)
{
	const struct row *row = *state;
	struct host_counters counters;

	host_counters_parse(&counters, row->netstat, row->dev);
	assert_int_equal(counters.known, row->known);
	if (!row->known)
		return;
	assert_int_equal(counters.syns_sent_again, 22);
	assert_int_equal(counters.failed_inside, 333);
	assert_int_equal(counters.loopback_packets, 17);
}

/* Of whatever kernel runs the tests. */
static void reads(void **state)
{
	struct host_counters counters;

	(void)state;
	host_counters_read(&counters);
	assert_true(counters.known);
	assert_true(counters.syns_sent_again >= 0);
	assert_true(counters.failed_inside >= 0);
	assert_true(counters.loopback_packets >= 0);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, parse);
	test_add(&list, "this host's own counters are there", reads);
	return test_run("host_counters", &list);
}
