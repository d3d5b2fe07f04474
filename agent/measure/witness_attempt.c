/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness_attempt.h"

#include "agent/net/host_counters_file.h"
#include "agent/net/sock.h"

void witness_attempt_begin(struct witness_attempt *attempt, bool wanted)
{
	attempt->wanted = wanted;
	if (wanted)
		host_counters_read(&attempt->before);
}

void witness_attempt_end(
    const struct witness_attempt *attempt, int fd, struct probe_seen *seen)
{
	const struct host_counters *before = &attempt->before;
	struct host_counters after;
	int again = sock_retransmits(fd);
	struct witness_try try = {0};

	if (!attempt->wanted)
		return;
	host_counters_read(&after);
	try.looped = after.loopback_packets - before->loopback_packets;
	if (seen->failure == FAILURE_TIMEOUT)
		seen->host = witness_report(
		    witness_of_silence(before, &after, again, again), again);
	else if ((seen->failure == FAILURE_REFUSED ||
		     seen->failure == FAILURE_UNREACHABLE) &&
		 before->known && after.known)
		seen->host = witness_of_resets(&try, 1);
}
