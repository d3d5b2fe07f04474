/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_PROBE_SEEN_H
#define EGRESS25_LIB_REPORT_PROBE_SEEN_H

/*
 * What an agent saw of one attempt on one port.
 *
 * Durations are microseconds here and milliseconds with decimals in JSON;
 * points in time are milliseconds since 1970. Text from the network is kept
 * as bytes that were made printable ASCII (text_copy_printable()).
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
	int alert; /* AlertDescription that the peer sent, or ABSENT */
};

/* The reply that ended a dialogue, or bytes that are no reply. */
struct reply_seen {
	int code; /* OBSERVE_ABSENT: not a reply, or none */
	char text[OBSERVE_TEXT_SIZE];
};

/* What this host's own counters say of one SYN and its retransmissions. */
struct host_seen {
	bool known;        /* false: they could not be read */
	int retransmitted; /* SYNs sent again */
	int failed;        /* of these, stopped inside this host */
	int looped;        /* packets over `lo` meanwhile */
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
	struct reply_seen reply;
	struct icmp_seen icmp;
	struct host_seen host;
	enum peer_seen peer;
	int sys_errno; /* what connect or read gave; 0: nothing */
};

/* An attempt of which nothing is known yet: every field absent. */
void probe_seen_init(
    struct probe_seen *probe, uint16_t port, enum port_mode mode);

#endif
