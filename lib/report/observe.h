/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_OBSERVE_H
#define EGRESS25_LIB_REPORT_OBSERVE_H

/*
 * What an agent saw: the observations that a report carries and the diagnosis
 * reads, without any judgement. vocabulary.h has the words, probe_seen.h the
 * attempts.
 */

#include "lib/report/probe_seen.h"

#define OBSERVE_HOPS_MAX 30 /* highest TTL of a trace */

struct hop_seen {
	int ttl;
	struct addr address; /* absent: that hop did not answer */
	int64_t us;
	int asked;    /* SYNs with this TTL on this port; 0 means 1 */
	int answered; /* by a hop; counts only if `asked` is above 0 */
};

/* A traced path on one port: SYNs with a limited TTL, and their answers. */
struct path_seen {
	uint16_t port;
	bool reached;   /* a SYN-ACK or RST came back at some TTL */
	int answer_ttl; /* lowest TTL with an `answer`, or OBSERVE_ABSENT */
	enum path_answer answer;
	struct addr answer_from; /* ANSWER_ICMP: its sender */
	/* Where dialogues were reset: one more, of which all that followed the
	 * SYN had this TTL (0: none), so that it ended before what answered
	 * here. A reset came all the same. */
	int limited_ttl;
	bool limited_reset;
	size_t nhops;
	struct hop_seen hops[OBSERVE_HOPS_MAX]; /* by rising ttl */
};

/* All that one round saw of one endpoint address. */
struct target_seen {
	char endpoint[64]; /* the section's name in the endpoints file */
	char host[OBSERVE_NAME_SIZE];
	struct addr address; /* absent if `host` did not resolve */
	uint8_t family;      /* 4 or 6, even if the address is absent */
	int64_t at_ms;
	enum own_address own_address;
	bool self;     /* the address that was asked is this host's own */
	bool untraced; /* this host has no means to trace a path */
	enum dns_seen dns;
	struct probe_seen *probes; /* owned; in the order of the attempts */
	size_t nprobes;
	struct path_seen *paths; /* owned */
	size_t npaths;
};

/* Allocate room for `count` probes in a target that has none. The caller fills
 * them in place and counts them. 0 or -ENOMEM. */
int target_seen_reserve_probes(struct target_seen *target, size_t count);

/* The same for paths. */
int target_seen_reserve_paths(struct target_seen *target, size_t count);

/* This host itself has the address: it is one of its own, or loopback. */
bool target_seen_is_self(const struct target_seen *target);

/* Append a copy of `probe`. 0, or -ENOMEM, which leaves the target unchanged.
 */
int target_seen_add_probe(
    struct target_seen *target, const struct probe_seen *probe);

/* The same for a path. */
int target_seen_add_path(
    struct target_seen *target, const struct path_seen *path);

/* Free the probes and paths, but not the struct. */
void target_seen_free(struct target_seen *target);

#endif
