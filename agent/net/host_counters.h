/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_HOST_COUNTERS_H
#define EGRESS25_AGENT_NET_HOST_COUNTERS_H

/*
 * This host's own counters (of its network namespace), which anybody may read:
 * they tell a packet that was dropped inside the host from one that left it
 * (doc/kernel-facts.md). Pure; host_counters_file.h reads them.
 */

#include <stdbool.h>
#include <stdint.h>

struct host_counters {
	bool known;               /* all three were found */
	int64_t sent_again;       /* segments, SYNs too: Tcp RetransSegs */
	int64_t failed_inside;    /* of them: TcpExt TCPRetransFail */
	int64_t loopback_packets; /* received by `lo` */
};

/* From the text of snmp, netstat and dev in /proc/self/net. */
void host_counters_parse(struct host_counters *counters, const char *snmp,
    const char *netstat, const char *dev);

#endif
