/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_PROBE_SEEN_H
#define EGRESS25_LIB_REPORT_PROBE_SEEN_H

/*
 * What an agent saw of one attempt on one port.
 *
 * Durations are in microseconds, in JSON in milliseconds with decimals. Times
 * are milliseconds since 1970. Text from the network has been made printable
 * (text_copy_printable()).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/report/receipt_seen.h"
#include "lib/report/vocabulary.h"

#define OBSERVE_ABSENT    (-1) /* an unknown duration, code or TTL */
#define OBSERVE_TEXT_SIZE 129  /* first 128 bytes of a reply, and NUL */
#define OBSERVE_NAME_SIZE 256  /* a host name, and NUL */
#define OBSERVE_CAPS_MAX  32   /* EHLO keywords that are kept */
#define OBSERVE_CAP_SIZE  32   /* one keyword, and NUL */

struct icmp_seen {
	int type; /* OBSERVE_ABSENT: no ICMP was seen */
	int code;
	struct addr from;
	bool own; /* from the socket's own address: this host made it */
};

struct smtp_seen {
	int code;                     /* last reply; OBSERVE_ABSENT: none */
	char text[OBSERVE_TEXT_SIZE]; /* first line of the greeting */
	char name[OBSERVE_NAME_SIZE]; /* host name in the greeting */
	char caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE]; /* of the first EHLO */
	size_t ncaps;
	char tls_caps[OBSERVE_CAPS_MAX][OBSERVE_CAP_SIZE]; /* of EHLO in TLS */
	size_t ntls_caps;
};

struct tls_seen {
	char version[16]; /* "TLSv1.3"; "" if no handshake succeeded */
	char cipher[64];
	enum tls_verify verify;
	uint8_t spki_sha256[32];
	bool has_spki;
	int alert; /* the peer's AlertDescription, or OBSERVE_ABSENT */
};

/* The reply that ended a dialogue, or bytes that are not a reply. */
struct reply_seen {
	int code; /* OBSERVE_ABSENT: not a reply, or none */
	char text[OBSERVE_TEXT_SIZE];
};

/* This host's own counters for one SYN and its retransmissions. */
struct host_seen {
	bool known;        /* false: they could not be read */
	int retransmitted; /* SYNs retransmitted */
	int failed;        /* of these, stopped inside this host */
	int looped;        /* packets over `lo` in the meantime */
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
	struct receipt_seen receipt;
	struct icmp_seen icmp;
	struct host_seen host;
	enum peer_seen peer;
	int sys_errno; /* of connect() or read(); 0: none */
};

/* Initialise an attempt with every observation absent. The room of keywords
 * that are not counted, most of the struct, is left as it is. */
void probe_seen_init(
    struct probe_seen *probe, uint16_t port, enum port_mode mode);

#endif
