/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_SUSPICIONS_H
#define EGRESS25_LIB_DIAGNOSE_SUSPICIONS_H

/*
 * What one address shows by itself. Each may be the endpoint's own doing; the
 * same at an endpoint of another owner, or more hops, makes it the network's
 * (round_known.h, and the rules).
 */

#include "lib/diagnose/counted.h"
#include "lib/diagnose/evidence.h"
#include "lib/report/endpoint_known.h"

enum suspicion_kind {
	SUSPICION_VANISHES,     /* silent, although it is served */
	SUSPICION_STOPS,        /* silent, and others' packets go on */
	SUSPICION_STOPS_SERVED, /* the same, although it is served */
	SUSPICION_ANSWERED,     /* none: this only clears the path */
	SUSPICION_EARLY_RESET,  /* RST from nearer than the endpoint */
	SUSPICION_EARLY_ACCEPT, /* SYN-ACK from nearer than the endpoint */
	SUSPICION_EARLY_ICMP,   /* ICMP in its name from nearer than it is */
	SUSPICION_ICMP,         /* ICMP in another name */
	SUSPICION_BREAKS,       /* reset or stalled behind the handshake */
	SUSPICION_BROKEN,       /* the same, and no reset is the endpoint's */
	SUSPICION_STALLS,       /* stalled, whoever may have done it */
	SUSPICION_BREAKS_HERE,  /* breaks, and others get through */
	SUSPICION_THROTTLED,    /* passes now and then */
	SUSPICION_NO_RECEIPT,   /* the beacon's receipt lacks on it alone */
	SUSPICION_FOREIGN_KEY,  /* a key that is not the beacon's */
	SUSPICION_NO_STARTTLS,  /* the beacon's offer of STARTTLS lacks */
	SUSPICION_OTHER_KEY,    /* no beacon: nobody's key on it alone */
	SUSPICION_STRIPPED,     /* no beacon: its offer of STARTTLS lacks */
	SUSPICIONS
};

struct suspicion {
	enum suspicion_kind kind;
	int ttl;         /* of the early answer, else 0 */
	struct addr hop; /* the router there, or the last one that was passed;
			    absent: silent, or none meant */
	int place;       /* hops from this host to who did it, at most */
	int gap;         /* hops from there to the endpoint, at least */
	bool let_in;     /* suspicion_is_let_in() */
	bool unsure;     /* it may be chance at two endpoints, not at three: */
	struct counted_sum counted; /* these together */
	bool router; /* another port was answered by a router at that TTL */
	bool way;    /* by the same path: some hop before it answered both */
};

/* False: nothing of that kind. */
bool suspicion_of(const struct evidence *evidence,
    const struct port_evidence *port, const struct endpoint_known *known,
    enum suspicion_kind kind, struct suspicion *out);

/* The endpoint's site lets SYNs to the port in, by all that is known: it is 25,
 * which mail hosts serve, or known to be served. */
bool suspicion_is_let_in(
    const struct port_evidence *port, const struct endpoint_known *known);

/* It was done nearer to this host than to the endpoint, or, where a port that
 * is served ends, in the middle; and two hops before the endpoint or more:
 * there stands no balancer or firewall of its hoster. Nor does a site's
 * firewall, which drops or answers by ICMP, stand more than four hops before
 * its servers, of a port that its site lets in: what a large operator keeps
 * out he drops at his edge, however far that is. */
bool suspicion_is_near_here(const struct suspicion *what);

/* From whom an ICMP error about this port came: to a connect, or, where a
 * router's limit left none for these, to the path trace. NULL: none came. */
const struct addr *suspicion_icmp_sender(const struct port_evidence *port);

/* The port's dialogues were reset, or fell silent so often that loss does not
 * explain it: a connection that lives through a loss of one packet in ten falls
 * silent once in a thousand. `alone`: no other endpoint shows it. */
bool suspicion_breaks_surely(const struct port_evidence *port, bool alone);

/* Another port that answers from where this one does, or from one hop before,
 * and does not break off itself. NULL: none. */
const struct port_evidence *suspicion_port_that_goes_on(
    const struct evidence *evidence, const struct port_evidence *port);

/* Another port of the address accepts connections from that TTL, on the same
 * way. */
bool suspicion_accepts_from(
    const struct evidence *evidence, const struct port_evidence *port, int ttl);

/* The handshake is known to come from the endpoint's own distance. */
bool suspicion_is_own_distance(
    const struct evidence *evidence, const struct port_evidence *port);

/* The handshake comes from where the target's own address answers on the same
 * way of a port that is answered farther on: from the endpoint's balancer. */
bool suspicion_is_own_name(
    const struct evidence *evidence, const struct port_evidence *port);

#endif
