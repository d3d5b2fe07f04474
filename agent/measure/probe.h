/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_PROBE_H
#define EGRESS25_AGENT_MEASURE_PROBE_H

#include "agent/measure/transcript.h"

/*
 * One attempt on one port of one address, through all of the dialogue
 * (dialog.h). One deadline bounds it, whatever the server does; so does a few
 * KB of memory, besides a TLS session. A handshake needs five times as much as
 * what follows it: probes beyond so many at once wait before theirs, on their
 * own time. One whose time is over by then ends as `tls`, with EBUSY.
 */
#define PROBE_HANDSHAKES_MAX 128

struct event_base;
struct ssl_ctx_st;

struct probe_request {
	struct addr address;
	uint16_t port;
	enum port_mode mode;
	const char *host; /* for SNI and the certificate's name; copied */
	const char *ehlo; /* copied; NULL: literal of the socket's address */
	int connect_ms;   /* patience for the handshake */
	int banner_ms;
	int reply_ms;
	int total_ms;            /* for the whole probe */
	const char *receipt_for; /* agent id: ask a beacon; NULL: it is none */
	bool witness; /* read this host's counters around the connect */
	struct ssl_ctx_st *tls; /* borrowed; NULL for mode connect */
	const struct transcript *transcript; /* borrowed; NULL: none */
};

/* Called exactly once, from the loop, unless the probe is cancelled. `seen`
 * is borrowed until it returns; the probe is then gone, and its connection
 * closed already. NULL: this host could not connect for a reason that says
 * nothing of the network. `local` is the socket's own address, absent where it
 * never had one. */
typedef void probe_done(
    void *arg, const struct probe_seen *seen, const struct addr *local);

/* Called (if not NULL) when the TCP connection stands. The probe must not be
 * cancelled from here. */
typedef void probe_connected(void *arg);

/*
 * Start. NULL: no memory or no descriptors; nothing will be called.
 *
 * An ICMP error ends a connect as `unreachable`. One that comes later ends
 * nothing; its errno is kept where the probe then ends in a timeout. A dialogue
 * that ended in a timeout is followed by our FIN, and whether the peer
 * acknowledges it is kept in seen->peer (not in stage tls); where nothing is
 * acknowledged for STREAM_SILENT_MS the timeout comes then.
 */
struct probe;
struct probe *probe_start(struct event_base *base,
    const struct probe_request *request, probe_connected *connected,
    probe_done *done, void *arg);

/* Give it up: closes at once, no callback will come. NULL is allowed. */
void probe_cancel(struct probe *probe);

#endif
