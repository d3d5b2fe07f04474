/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_EVIDENCE_H
#define EGRESS25_LIB_DIAGNOSE_EVIDENCE_H

/*
 * What one round saw of one address, counted by port: the ground on which
 * lib/diagnose/diagnose.c decides. Counting and looking up, no judgement.
 */

#include "lib/report/observe.h"

#define EVIDENCE_PORTS_MAX 32

/* All attempts on one port, and its path trace. */
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
	int timeouts_last; /* in a row, up to the last attempt */
	int syns_lost;     /* also those that a connect repeated after 1 s */
	const struct probe_seen *best;   /* the attempt that got furthest */
	const struct probe_seen *icmp;   /* the last one with an ICMP error */
	const struct path_seen *path;    /* NULL: not traced */
	const struct path_seen *nearest; /* its lowest TTL with an answer */
};

struct evidence {
	const struct target_seen *target;
	struct port_evidence ports[EVIDENCE_PORTS_MAX];
	size_t nports;
};

/* Count. `target` is borrowed. Ports beyond the limit are passed over. */
void evidence_gather(
    const struct target_seen *target, struct evidence *evidence);

/* The port answered a SYN by SYN-ACK or RST, whoever sent it. */
bool evidence_answered(const struct port_evidence *port);

/* The TTL at which a traced port first gave SYN-ACK or RST; OBSERVE_ABSENT:
 * not traced, or it never did. */
int evidence_answer_ttl(const struct port_evidence *port);

/* The farthest TTL at which a port other than `port` first answered: the
 * endpoint's own distance as the controls have it; best by those of which no
 * SYN vanished. OBSERVE_ABSENT: unknown. */
int evidence_control_hops(
    const struct evidence *evidence, const struct port_evidence *port);

/* The farthest TTL at which a hop answered on any port: the endpoint is no
 * nearer. 0: none did. */
int evidence_farthest_hop(const struct evidence *evidence);

/* The TTL of a port's SYN-ACK where that is smaller than the controls'
 * distance; 0: it is not. */
int evidence_early_ttl(
    const struct evidence *evidence, const struct port_evidence *port);

/* The port to hold against `port`: another one that answered, and not from
 * nearer than the controls' distance or the farthest hop; best a traced one.
 * NULL: none. */
const struct port_evidence *evidence_control(
    const struct evidence *evidence, const struct port_evidence *port);

/* A traced port, other than `port`, that did not answer. NULL: none. */
const struct port_evidence *evidence_silent_trace(
    const struct evidence *evidence, const struct port_evidence *port);

/* The last hop that answered on a path, NULL where none did. */
const struct hop_seen *evidence_last_hop(const struct path_seen *path);

/* The TTL at which `address` answered as a hop on a path of `target`; 0: it
 * never did. */
int evidence_hop_with(
    const struct target_seen *target, const struct addr *address);

/* What answered at `ttl` on any path of the target, `port`'s own first. An
 * absent address where nothing did. */
struct addr evidence_hop_address(
    const struct evidence *evidence, const struct port_evidence *port, int ttl);

#endif
