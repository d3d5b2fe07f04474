/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_OBSERVE_H
#define EGRESS25_LIB_REPORT_OBSERVE_H

/*
 * What an agent saw: the values that a report carries and that the diagnosis
 * reads. Nothing here is a judgement. vocabulary.h has the words.
 *
 * Durations are microseconds here and milliseconds with decimals in JSON;
 * points in time are milliseconds since 1970. Text from the network is kept
 * as bytes that were made printable ASCII (observe_clean_text()).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/report/vocabulary.h"

#define OBSERVE_ABSENT    (-1) /* a duration, code or TTL that is not known */
#define OBSERVE_TEXT_SIZE 129  /* first 128 bytes of a greeting, and NUL */
#define OBSERVE_NAME_SIZE 256  /* a host name, and NUL */
#define OBSERVE_CAPS_MAX  32   /* EHLO keywords that are kept */
#define OBSERVE_CAP_SIZE  32   /* one keyword, and NUL */
#define OBSERVE_HOPS_MAX  30   /* the longest path that is traced */

struct icmp_seen {
	int type; /* OBSERVE_ABSENT: no ICMP was seen */
	int code;
	struct addr from;
};

struct smtp_seen {
	int code;                     /* last reply; OBSERVE_ABSENT: none */
	char text[OBSERVE_TEXT_SIZE]; /* first line of the greeting */
	char name[OBSERVE_NAME_SIZE]; /* the host that the greeting names */
	char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE]; /* of the first EHLO */
	size_t ncaps;
	char tls_caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE]; /* EHLO in TLS */
	size_t ntls_caps;
};

struct tls_seen {
	char version[16]; /* "TLSv1.3"; "" where no handshake ended well */
	char cipher[64];
	enum tls_verify verify;
	uint8_t spki_sha256[32];
	bool has_spki;
};

/* One attempt on one port. Several attempts on a port are several probes. */
struct probe_seen {
	uint16_t port;
	enum port_mode mode;
	enum stage ended;
	enum failure failure;
	int64_t us[STAGE_COUNT]; /* time spent in each stage, or ABSENT */
	struct smtp_seen smtp;
	struct tls_seen tls;
	struct icmp_seen icmp;
	int sys_errno; /* what connect or read gave; 0: nothing */
};

struct hop_seen {
	int ttl;
	struct addr address; /* absent: that hop did not answer */
	int64_t us;
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
	struct probe_seen *probes; /* owned; in the order of the attempts */
	size_t nprobes;
	struct path_seen *paths; /* owned */
	size_t npaths;
};

/* An attempt of which nothing is known yet: every field absent. */
void probe_seen_init(
    struct probe_seen *probe, uint16_t port, enum port_mode mode);

/* Copy at most `size - 1` bytes and make them printable ASCII: every other
 * byte becomes '?'. Stops at `length`, not at a NUL. */
void observe_clean_text(
    char *out, size_t size, const char *bytes, size_t length);

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
