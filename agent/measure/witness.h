/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_WITNESS_H
#define EGRESS25_AGENT_MEASURE_WITNESS_H

/*
 * The host as its own witness: did a SYN that got no answer, or a RST at once,
 * leave this host (doc/kernel-facts.md)? Judged by how the host's counters
 * moved meanwhile. Other programs' packets move them too, so only figures that
 * admit no other reading prove. Pure.
 */

#include "agent/net/host_counters.h"
#include "lib/report/observe.h"

/* What one reading says of SYNs that were silent together. */
enum witness_says {
	WITNESS_NOTHING, /* the counters do not count, or were not read */
	WITNESS_LEFT,    /* every retransmission left this host */
	WITNESS_HELD,    /* every one was stopped inside it */
	WITNESS_LOOPED,  /* none was, and as many packets went over `lo` */
	WITNESS_MIXED,   /* some were: split the group */
	WITNESS_NOISE,   /* others' packets count too: ask again */
};

/* `retransmitted`: of all these SYNs together, as their sockets say; `least`:
 * of the one with the fewest. A SYN passes always or never: fewer failures than
 * that are others', and so are fewer that passed. Where as many packets went
 * over `lo`, this host may have sent the SYNs to itself. */
enum witness_says witness_of_silence(const struct host_counters *before,
    const struct host_counters *after, int64_t retransmitted, int64_t least);

/* What to report of one SYN of such a group; unknown unless LEFT or HELD. */
struct host_seen witness_report(enum witness_says says, int retransmitted);

/* One SYN alone that gets an answer. One that this host answers itself is on
 * `lo` before connect() returns. */
struct witness_try {
	int64_t looped; /* packets over `lo` while connect() was called */
	int64_t noise;  /* just before, in about as long a time */
	int64_t us;     /* how long the longer of both took; 0: unknown */
};

/* A try without any clears the host. WITNESS_CLEAN tries without noise, more
 * than with it, prove it; one that took four times as long as the shortest was
 * interrupted, perhaps by who uses `lo`, and is not counted. */
#define WITNESS_CLEAN 5
struct host_seen witness_of_resets(
    const struct witness_try *tries, size_t count);

/* A port whose own attempts do not tell whether its SYNs leave this host. */
#define WITNESS_SUSPECTS_MAX 64

struct witness_suspect {
	struct addr address;
	uint16_t port;
	bool answered;  /* by RST, ICMP, or from TTL 1; else it is silent */
	bool connected; /* by a SYN-ACK, the last time */
	struct host_seen host;
	int64_t us; /* how long its last SYN was waited for */
};

/* Append the asked ports of `target` that are such, until `room` are in
 * `suspects`; returns how many are in then. */
size_t witness_add_suspects(const struct target_seen *target,
    struct witness_suspect *suspects, size_t count, size_t room);

/* What was found of a suspect, as one more attempt on `target`; nothing unless
 * it is the target's and something was proved. 0 or -ENOMEM. */
int witness_keep(
    struct target_seen *target, const struct witness_suspect *suspect);

#endif
