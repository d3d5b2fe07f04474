/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/host_counters_file.h"

#include <string.h>

#include "tests/support/rows.h"

#define DEV                                                          \
	"Inter-|   Receive                                      \n"  \
	" face |bytes    packets errs drop                       \n" \
	"  lo0: 1 2 0 0\n    lo: 1500      17    0    0\n  eth0: 9 9 0 0\n"
#define SNMP                                                   \
	"Ip: RetransSegs\nIp: 1\nTcp: ActiveOpens RetransSegs" \
	" InErrs\nTcp: 5 22 0\nUdp: RetransSegs\nUdp: 7\n"
#define NETSTAT                                               \
	"TcpExt: SyncookiesSent TCPSynRetrans TCPRetransFail" \
	" TCPRetransFailures\nTcpExt: 1 22 333 4\n"           \
	"IpExt: InNoRoutes TCPRetransFail\nIpExt: 5 6\n"

static const struct row {
	const char *name, *snmp, *netstat, *dev;
	bool known;
} rows[] = {
    {"all three files", SNMP, NETSTAT, DEV, true},
    {"another table first", SNMP, "IpExt: A\nIpExt: 1\n" NETSTAT, DEV, true},
    {"a kernel that does not count", SNMP,
	"TcpExt: SyncookiesSent\nTcpExt: 1\n", DEV, false},
    {"names without values", SNMP, "TcpExt: TCPRetransFail\n", DEV, false},
    {"fewer values than names", SNMP, "TcpExt: A TCPRetransFail\nTcpExt: 1\n",
	DEV, false},
    {"no retransmissions are counted", "Tcp: InErrs\nTcp: 0\n", NETSTAT, DEV,
	false},
    {"no loopback", SNMP, NETSTAT, "  eth0: 9 9 0 0\n", false},
    {"files that cannot be read", "", "", "", false},
};

static void parse(void **state)
{
	const struct row *row = *state;
	struct host_counters counters;

	host_counters_parse(&counters, row->snmp, row->netstat, row->dev);
	assert_int_equal(counters.known, row->known);
	if (!row->known)
		return;
	assert_int_equal(counters.sent_again, 22);
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
	assert_true(counters.sent_again >= 0);
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
