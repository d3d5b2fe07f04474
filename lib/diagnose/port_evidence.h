/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_PORT_EVIDENCE_H
#define EGRESS25_LIB_DIAGNOSE_PORT_EVIDENCE_H

/* What one round saw of one address, counted by port. evidence.h fills it. */

#include "lib/report/observe.h"

#define EVIDENCE_PORTS_MAX 32

/* SYNs of one TTL on one port, over all its paths. */
struct looks {
	int asked, answered;
	const struct hop_seen *hop; /* that answered; NULL: none did */
	bool own;                   /* it was the target's own address */
};

/* Sums over the SYNs that the host's counters watched (host_proof.h). */
struct witness_counts {
	int retransmitted, failed;
	int answered;                  /* of these: */
	int looped_least, looped_most; /* packets over `lo` by one SYN */
};

/* All attempts on one port, and its path traces. */
struct port_evidence {
	uint16_t port;
	enum port_mode mode;
	int tries;
	/* How many of them ended so. In connect: */
	int timeouts, refused, unreachable, denied, no_route;
	/* After the handshake: */
	int connected;  /* all of these, and also: */
	int handshakes; /* that were all that was tried */
	int done, rejected, no_starttls, starttls_refused;
	int reset_after, stalled_after, closed_after, protocol, tls_failed;
	int bare;       /* of no_starttls: its EHLO reply has keywords */
	int alive;      /* of stalled_after: the peer still took packets */
	int cut_off;    /* of stalled_after: the path ate them */
	int syns_lost;  /* also those that a connect repeated after 1 s */
	int repeated;   /* of connected: a SYN was lost before */
	bool tls_first; /* TLS went first where a greeting was expected */
	struct witness_counts witness;
	const struct probe_seen *best; /* the attempt that got furthest */
	const struct probe_seen *icmp; /* one with an ICMP error */

	bool traced;
	const struct path_seen *nearest;   /* its lowest TTL with an answer */
	const struct path_seen *icmp_path; /* its lowest TTL with an ICMP */
	int reset_ttl; /* the lowest of which what followed a SYN was reset; 0:
			  none was */
	struct looks looks[OBSERVE_HOPS_MAX + 1]; /* by TTL; 0 is not used */
};

struct evidence {
	const struct target_seen *target; /* borrowed */
	struct port_evidence *ports;      /* the caller's */
	size_t nports;
	/* Most addresses have neither, and nothing is searched there: */
	bool traced;   /* some port is */
	bool receipts; /* some attempt should have brought one */
};

#endif
