/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness.h"

#include <errno.h>
#include <string.h>

#include "lib/report/report.h"

#define INTERRUPTED 4 /* so many times as long as the shortest try */

enum witness_says witness_of_silence(const struct host_counters *before,
    const struct host_counters *after, int64_t retransmitted, int64_t least)
{
	int64_t again = after->sent_again - before->sent_again;
	int64_t failed = after->failed_inside - before->failed_inside;
	int64_t looped = after->loopback_packets - before->loopback_packets;
	bool none_failed = failed < least, none_passed = again - failed < least;

	/* In sandboxes the counters are there and stay at zero. */
	if (!before->known || !after->known || least <= 0 ||
	    again < retransmitted)
		return WITNESS_NOTHING;
	if (none_failed && !none_passed && looped >= least)
		return WITNESS_LOOPED;
	if (none_failed != none_passed)
		return none_failed ? WITNESS_LEFT : WITNESS_HELD;
	return again == retransmitted ? WITNESS_MIXED : WITNESS_NOISE;
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

static int64_t shortest_us(const struct witness_try *tries, size_t count)
{
	int64_t shortest = INT64_MAX;
	size_t i;

	for (i = 0; i < count; i++)
		if (tries[i].us < shortest)
			shortest = tries[i].us;
	return shortest;
}

struct host_seen witness_of_resets(
    const struct witness_try *tries, size_t count)
{
	struct host_seen host = {0};
	int64_t least = INT64_MAX, shortest = shortest_us(tries, count);
	int clean = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (tries[i].us > INTERRUPTED * shortest && tries[i].looped > 0)
			continue;
		clean += tries[i].noise == 0 ? 1 : -1;
		if (tries[i].looped < least)
			least = tries[i].looped;
	}
	host.known = least == 0 || clean >= WITNESS_CLEAN;
	if (host.known)
		host.looped = (int)least;
	return host;
}

static bool is_loopback(const struct addr *address)
{
	static const uint8_t one[16] = {[15] = 1};

	return address->family == 4 ? address->bytes[0] == 127
				    : memcmp(address->bytes, one, 16) == 0;
}

static bool is_unanswered(const struct probe_seen *probe)
{
	return probe->ended == STAGE_CONNECT &&
	       (probe->failure == FAILURE_TIMEOUT ||
		   probe->failure == FAILURE_REFUSED ||
		   probe->failure == FAILURE_UNREACHABLE);
}

/* A port is answered from TTL 1: by this host? */
static bool is_answered_nearby(
    const struct target_seen *target, const struct probe_seen *probe)
{
	size_t i;

	for (i = 0; i < target->npaths; i++)
		if (target->paths[i].port == probe->port &&
		    target->paths[i].answer_ttl == 1 &&
		    target->paths[i].reached)
			return true;
	return false;
}

/* Every attempt on the port of `last` ended so, and none is settled; or it is
 * answered nearby, and was asked for more than a handshake. */
static bool is_suspect(
    const struct target_seen *target, const struct probe_seen *last)
{
	const struct probe_seen *probe;
	bool unanswered = true, counted = false, dialogue = false;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		probe = &target->probes[i];
		if (probe->port != last->port)
			continue;
		if (probe->host.known || probe > last)
			return false;
		counted |= probe->mode == MODE_CONNECT;
		dialogue |= probe->mode != MODE_CONNECT;
		unanswered = unanswered && is_unanswered(probe);
	}
	return (unanswered && !counted) ||
	       (dialogue && is_answered_nearby(target, last));
}

size_t witness_add_suspects(const struct target_seen *target,
    struct witness_suspect *suspects, size_t count, size_t room)
{
	size_t i;

	if (target->address.family == 0 || is_loopback(&target->address))
		return count;
	for (i = 0; i < target->nprobes && count < room; i++) {
		if (!is_suspect(target, &target->probes[i]))
			continue;
		suspects[count++] = (struct witness_suspect){
		    .address = target->address,
		    .port = target->probes[i].port,
		    .answered = target->probes[i].failure != FAILURE_TIMEOUT ||
				is_answered_nearby(target, &target->probes[i]),
		};
	}
	return count;
}

int witness_keep(
    struct target_seen *target, const struct witness_suspect *suspect)
{
	const struct probe_seen *was;
	struct probe_seen probe;
	size_t i;

	if (!suspect->host.known || target->nprobes >= REPORT_PROBES_MAX ||
	    !addr_equal(&target->address, &suspect->address))
		return 0;
	for (i = target->nprobes; i > 0; i--)
		if (target->probes[i - 1].port == suspect->port)
			break;
	if (i == 0)
		return 0;
	was = &target->probes[i - 1];
	probe_seen_init(&probe, suspect->port,
	    suspect->connected ? MODE_CONNECT : was->mode);
	if (!suspect->connected) {
		probe.failure = was->failure;
		probe.icmp = was->icmp;
		probe.sys_errno = was->sys_errno;
	}
	probe.us[STAGE_CONNECT] = suspect->us;
	probe.host = suspect->host;
	return target_seen_add_probe(target, &probe);
}
