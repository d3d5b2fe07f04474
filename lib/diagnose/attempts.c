/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/attempts.h"

#include <errno.h>
#include <string.h>

/* A SYN that is not answered is repeated after a second, and then after twice
 * as long each time (RFC 6298, 2 and 5); some kernels repeat it sooner. */
#define REPEAT_US 1000000
#define EARLY_US  100000 /* by which a clock may be read early */

bool attempts_is_connected(const struct probe_seen *probe)
{
	return probe->ended > STAGE_CONNECT ||
	       (probe->ended == STAGE_CONNECT &&
		   probe->failure == FAILURE_NONE);
}

int64_t attempts_quickest_us(const struct target_seen *target)
{
	int64_t quickest = INT64_MAX, us;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		us = target->probes[i].us[STAGE_CONNECT];
		if (attempts_is_connected(&target->probes[i]) &&
		    us != OBSERVE_ABSENT && us < quickest)
			quickest = us;
	}
	return quickest;
}

static void count_connect_failure(
    struct port_evidence *port, enum failure failure)
{
	switch (failure) {
	case FAILURE_REFUSED:
		port->refused++;
		break;
	case FAILURE_UNREACHABLE:
		port->unreachable++;
		break;
	case FAILURE_DENIED:
		port->denied++;
		break;
	case FAILURE_NO_ROUTE:
		port->no_route++;
		break;
	default:
		port->timeouts++;
		break;
	}
}

/* STARTTLS was offered and then refused, in words or by a cut connection.
 * (Silence may be anything's.) */
static bool is_starttls_refused(const struct probe_seen *probe)
{
	return probe->ended == STAGE_STARTTLS &&
	       (probe->failure == FAILURE_REJECTED ||
		   probe->failure == FAILURE_RESET ||
		   probe->failure == FAILURE_CLOSED);
}

static void count_stall(
    struct port_evidence *port, const struct probe_seen *probe)
{
	port->stalled_after++;
	port->alive += probe->peer == PEER_ALIVE;
	port->cut_off += probe->peer == PEER_CUT_OFF;
}

/* TLS was never begun: this host lacked time or memory for it. */
static bool is_own_want(const struct probe_seen *probe)
{
	return probe->failure == FAILURE_TLS &&
	       (probe->sys_errno == EBUSY || probe->sys_errno == ENOMEM);
}

static void count_connected(
    struct port_evidence *port, const struct probe_seen *probe)
{
	port->connected++;
	if ((probe->failure == FAILURE_NONE && probe->ended == STAGE_CONNECT) ||
	    is_own_want(probe)) {
		port->handshakes++;
	} else if (probe->failure == FAILURE_NONE) {
		port->done++;
	} else if (is_starttls_refused(probe)) {
		port->starttls_refused++;
	} else if (probe->failure == FAILURE_REJECTED) {
		port->rejected++;
	} else if (probe->failure == FAILURE_NO_STARTTLS) {
		port->no_starttls++;
		port->bare += probe->smtp.ncaps > 0;
	} else if (probe->failure == FAILURE_RESET) {
		port->reset_after++;
	} else if (probe->failure == FAILURE_CLOSED) {
		port->closed_after++;
	} else if (probe->failure == FAILURE_PROTOCOL) {
		port->protocol++;
	} else if (probe->failure == FAILURE_TLS) {
		port->tls_failed++;
	} else {
		count_stall(port, probe);
	}
}

/* As many as a connect has sent after so long, at least. */
static int count_syns(int64_t us)
{
	int64_t next_us = REPEAT_US;
	int count = 1;

	for (; us >= next_us; next_us = 2 * next_us + REPEAT_US)
		count++;
	return count;
}

/* By the time that it took: a handshake at once lost none. */
static int count_lost_syns(const struct probe_seen *probe, int64_t quickest)
{
	int64_t us = probe->us[STAGE_CONNECT];

	if (!attempts_is_connected(probe) && probe->failure != FAILURE_TIMEOUT)
		return 0;
	if (us == OBSERVE_ABSENT)
		return !attempts_is_connected(probe);
	if (!attempts_is_connected(probe))
		return count_syns(us);
	return count_syns(us - quickest + EARLY_US) - 1;
}

static void count_witness(
    struct witness_counts *counts, const struct probe_seen *probe)
{
	const struct host_seen *host = &probe->host;

	if (!host->known)
		return;
	counts->retransmitted += host->retransmitted;
	counts->failed += host->failed;
	if (!attempts_is_connected(probe) && probe->failure == FAILURE_TIMEOUT)
		return; /* without an answer, there is none over `lo` */
	if (counts->answered == 0 || host->looped < counts->looped_least)
		counts->looped_least = host->looped;
	if (host->looped > counts->looped_most)
		counts->looped_most = host->looped;
	counts->answered++;
}

/* How much an attempt tells: reaching `done` most, then by stage. */
static int rank(const struct probe_seen *probe)
{
	return (int)probe->ended * 2 + (probe->failure == FAILURE_NONE);
}

/* A total order, so that the choice among equals does not hang on the order
 * of the attempts. */
static bool tells_more(const struct probe_seen *a, const struct probe_seen *b)
{
	int order;

	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	if (a->failure != b->failure)
		return a->failure > b->failure;
	if (a->smtp.code != b->smtp.code)
		return a->smtp.code > b->smtp.code;
	if (a->reply.code != b->reply.code)
		return a->reply.code > b->reply.code;
	if (a->tls.alert != b->tls.alert)
		return a->tls.alert > b->tls.alert;
	if (a->sys_errno != b->sys_errno)
		return a->sys_errno > b->sys_errno;
	order = memcmp(a->tls.spki_sha256, b->tls.spki_sha256, 32);
	if (order == 0)
		order = strcmp(a->smtp.name, b->smtp.name);
	if (order == 0)
		order = strcmp(a->reply.text, b->reply.text);
	return order > 0;
}

static bool icmp_comes_first(
    const struct icmp_seen *a, const struct icmp_seen *b)
{
	if (a->type != b->type)
		return a->type < b->type;
	if (a->code != b->code)
		return a->code < b->code;
	return memcmp(&a->from, &b->from, sizeof(a->from)) < 0;
}

void attempts_count(struct port_evidence *port, const struct probe_seen *probe,
    int64_t quickest_us)
{
	int lost = count_lost_syns(probe, quickest_us);

	if (probe->mode < port->mode)
		port->mode = probe->mode;
	port->tries++;
	if (attempts_is_connected(probe))
		count_connected(port, probe);
	else
		count_connect_failure(port, probe->failure);
	port->syns_lost += lost;
	port->repeated += attempts_is_connected(probe) && lost > 0;
	port->tls_first |= probe->mode == MODE_TLS && probe->ended > STAGE_TLS;
	count_witness(&port->witness, probe);
	if (probe->icmp.type != OBSERVE_ABSENT &&
	    (port->icmp == NULL ||
		icmp_comes_first(&probe->icmp, &port->icmp->icmp)))
		port->icmp = probe;
	if (port->best == NULL || tells_more(probe, port->best))
		port->best = probe;
}

void attempts_finish(struct port_evidence *port)
{
	/* Of a control port the handshake is all there is to be done. */
	if (port->mode == MODE_CONNECT)
		port->done = port->handshakes;
	port->tls_first &= port->mode == MODE_STARTTLS;
}
