/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_NET_HOST_COUNTERS_FILE_H
#define EGRESS25_AGENT_NET_HOST_COUNTERS_FILE_H

#include "agent/net/host_counters.h"

/* Read this host's counters now, from /proc/self/net: it is there where a
 * unit's ProcSubset=pid hides /proc/net. */
void host_counters_read(struct host_counters *counters);

#endif
