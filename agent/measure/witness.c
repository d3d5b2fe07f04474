/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness.h"

enum witness_says witness_of_silence(const struct host_counters *before,
    const struct host_counters *after, int64_t retransmitted)
{
	int64_t again = after->syns_sent_again - before->syns_sent_again;
	int64_t failed = after->failed_inside - before->failed_inside;

	/* In sandboxes the counters are there and stay at zero. */
	if (!before->known || !after->known || retransmitted <= 0 ||
	    again < retransmitted)
		return WITNESS_NOTHING;
	if (failed == 0)
		return WITNESS_LEFT;
	if (again != retransmitted || failed > retransmitted)
		return WITNESS_NOISE;
	return failed == retransmitted ? WITNESS_HELD : WITNESS_MIXED;
}

struct host_seen witness_report(enum witness_says says, int retransmitted)
{
	struct host_seen host = {0};

	if (retransmitted <= 0 ||
	    (says != WITNESS_LEFT && says != WITNESS_HELD))
		return host;
	host.known = true;
	host.retransmitted = retransmitted;
	host.failed = says == WITNESS_HELD ? retransmitted : 0;
	return host;
}

struct host_seen witness_of_resets(const int64_t *looped, size_t tries)
{
	struct host_seen host = {0};
	size_t i, same = 0;

	for (i = 0; i < tries; i++) {
		if (looped[i] == 0) {
			host.known = true;
			host.looped = 0;
			return host;
		}
		same = i > 0 && looped[i] == looped[i - 1] ? same + 1 : 1;
		if (same < WITNESS_SAME)
			continue;
		host.known = true;
		host.looped = (int)looped[i];
	}
	return host;
}
