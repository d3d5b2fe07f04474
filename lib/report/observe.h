/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_OBSERVE_H
#define EGRESS25_LIB_REPORT_OBSERVE_H

/*
 * What an agent saw: the values that a report carries and that the diagnosis
 * reads. Nothing here is a judgement. vocabulary.h has the words, probe_seen.h
 * the attempts.
 */

#include "lib/report/probe_seen.h"

#define OBSERVE_HOPS_MAX 30 /* the longest path that is traced */

struct hop_seen {
	int ttl;
	struct addr address; /* absent: that hop did not answer */
	int64_t us;
	int asked;    /* SYNs of this TTL on this port; 0 is taken for 1 */
	int answered; /* of these, by a hop; meant where `asked` is above 0 */
};

/* A path trace on one port: the SYNs with a limited TTL and their answers. */
struct path_seen {
	uint16_t port;
	bool reached;   /* a SYN-ACK or RST came at some TTL */
	int answer_ttl; /* the lowest TTL with any `answer`, or ABSENT */
	enum path_answer answer;
	struct addr answer_from; /* ANSWER_ICMP: its sender */
	size_t nhops;
	struct hop_seen hops[OBSERVE_HOPS_MAX]; /* by rising ttl */
};

/* All that one round saw of one endpoint address. */
struct target_seen {
	char endpoint[64]; /* the section's name in the endpoints file */
	char host[OBSERVE_NAME_SIZE];
	struct addr address; /* absent where `host` did not resolve */
	uint8_t family;      /* 4 or 6, also where the address is absent */
	int64_t at_ms;
	enum own_address own_address;
	bool untraced; /* this host has no means to trace a path */
	enum dns_seen dns;
	struct probe_seen *probes; /* owned; in the order of the attempts */
	size_t nprobes;
	struct path_seen *paths; /* owned */
	size_t npaths;
};

/* Make room for that many, where there is none yet; they are then filled in
 * place, and counted. 0 or -ENOMEM. */
int target_seen_reserve_probes(struct target_seen *target, size_t count);
int target_seen_reserve_paths(struct target_seen *target, size_t count);

/* Append a copy of `probe` (or of `path`); -ENOMEM leaves the target whole. */
int target_seen_add_probe(
    struct target_seen *target, const struct probe_seen *probe);
int target_seen_add_path(
    struct target_seen *target, const struct path_seen *path);

/* Free what the target owns, not the struct. */
void target_seen_free(struct target_seen *target);

#endif
