/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/evidence.h"

#include <string.h>

/* A kernel repeats a SYN that was not answered after so long, or longer. */
#define REPEAT_US 1000000
#define EARLY_US  100000 /* by which a clock may be read early */

static struct port_evidence *find_or_add(
    struct evidence *evidence, uint16_t number)
{
	struct port_evidence *port;
	size_t i;

	for (i = 0; i < evidence->nports; i++)
		if (evidence->ports[i].port == number)
			return &evidence->ports[i];
	if (evidence->nports == EVIDENCE_PORTS_MAX)
		return NULL;
	port = &evidence->ports[evidence->nports++];
	port->port = number;
	port->mode = MODE_CONNECT;
	return port;
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

/* STARTTLS was offered and then did not come to be: refused in words, or the
 * connection was cut on the command. (Silence may be anything's.) */
static bool is_starttls_refused(const struct probe_seen *probe)
{
	return probe->ended == STAGE_STARTTLS &&
	       (probe->failure == FAILURE_REJECTED ||
		   probe->failure == FAILURE_RESET ||
		   probe->failure == FAILURE_CLOSED);
}

static void count_connected(
    struct port_evidence *port, const struct probe_seen *probe)
{
	port->connected++;
	if (probe->failure == FAILURE_NONE && probe->ended == STAGE_CONNECT)
		port->handshakes++;
	else if (probe->failure == FAILURE_NONE)
		port->done++;
	else if (is_starttls_refused(probe))
		port->starttls_refused++;
	else if (probe->failure == FAILURE_REJECTED)
		port->rejected++;
	else if (probe->failure == FAILURE_NO_STARTTLS)
		port->no_starttls++;
	else if (probe->failure == FAILURE_RESET)
		port->reset_after++;
	else if (probe->failure == FAILURE_CLOSED)
		port->closed_after++;
	else if (probe->failure == FAILURE_PROTOCOL)
		port->protocol++;
	else if (probe->failure == FAILURE_TLS)
		port->tls_failed++;
	else
		port->stalled_after++;
}

static bool is_connected(const struct probe_seen *probe)
{
	return probe->ended > STAGE_CONNECT ||
	       (probe->ended == STAGE_CONNECT &&
		   probe->failure == FAILURE_NONE);
}

/* How much an attempt tells: reaching `done` most, then by stage. */
static int rank(const struct probe_seen *probe)
{
	return (int)probe->ended * 2 + (probe->failure == FAILURE_NONE);
}

static void count_probe(
    struct port_evidence *port, const struct probe_seen *probe)
{
	if (probe->mode != MODE_CONNECT)
		port->mode = probe->mode;
	port->tries++;
	if (is_connected(probe))
		count_connected(port, probe);
	else
		count_connect_failure(port, probe->failure);
	if (!is_connected(probe) && probe->failure == FAILURE_TIMEOUT)
		port->timeouts_last++;
	else
		port->timeouts_last = 0;
	if (probe->icmp.type != OBSERVE_ABSENT)
		port->icmp = probe;
	if (port->best == NULL || rank(probe) > rank(port->best))
		port->best = probe;
}

/* Of several traces of a port the one that saw most counts: an answer, else
 * the longer path. */
static bool tells_more(const struct path_seen *a, const struct path_seen *b)
{
	if (a->reached != b->reached)
		return a->reached;
	return a->nhops > b->nhops;
}

static int64_t quickest_us(const struct target_seen *target)
{
	int64_t quickest = INT64_MAX, us;
	size_t i;

	for (i = 0; i < target->nprobes; i++) {
		us = target->probes[i].us[STAGE_CONNECT];
		if (is_connected(&target->probes[i]) && us != OBSERVE_ABSENT &&
		    us < quickest)
			quickest = us;
	}
	return quickest;
}

/* By the time that it took: a handshake at once lost none. */
static int count_lost_syns(const struct probe_seen *probe, int64_t quickest)
{
	int64_t us = probe->us[STAGE_CONNECT];

	if (!is_connected(probe) && probe->failure != FAILURE_TIMEOUT)
		return 0;
	if (us == OBSERVE_ABSENT)
		return !is_connected(probe);
	if (!is_connected(probe))
		return (int)((us + EARLY_US) / REPEAT_US) + 1;
	return (int)((us - quickest + EARLY_US) / REPEAT_US);
}

void evidence_gather(
    const struct target_seen *target, struct evidence *evidence)
{
	struct port_evidence *port;
	int64_t quickest = quickest_us(target);
	size_t i;

	memset(evidence, 0, sizeof(*evidence));
	evidence->target = target;
	for (i = 0; i < target->nprobes; i++) {
		port = find_or_add(evidence, target->probes[i].port);
		if (port == NULL)
			continue;
		count_probe(port, &target->probes[i]);
		port->syns_lost += count_lost_syns(
		    &target->probes[i], quickest);
	}
	/* Of a control port that is all there is to be done. */
	for (i = 0; i < evidence->nports; i++)
		if (evidence->ports[i].mode == MODE_CONNECT)
			evidence->ports[i].done = evidence->ports[i].handshakes;
	for (i = 0; i < target->npaths; i++) {
		port = find_or_add(evidence, target->paths[i].port);
		if (port != NULL &&
		    (port->path == NULL ||
			tells_more(&target->paths[i], port->path)))
			port->path = &target->paths[i];
		if (port != NULL && target->paths[i].reached &&
		    (port->nearest == NULL || target->paths[i].answer_ttl <
						  port->nearest->answer_ttl))
			port->nearest = &target->paths[i];
	}
}

bool evidence_answered(const struct port_evidence *port)
{
	return port->connected > 0 || port->refused > 0 ||
	       (port->path != NULL && port->path->reached);
}

int evidence_answer_ttl(const struct port_evidence *port)
{
	return port->nearest != NULL ? port->nearest->answer_ttl
				     : OBSERVE_ABSENT;
}

/* Some SYNs pass, others vanish: so may have the one of the right TTL. */
static bool is_lossy(const struct port_evidence *port)
{
	return port->connected > 0 && port->timeouts > 0;
}

static int farthest_answer(const struct evidence *evidence,
    const struct port_evidence *port, bool with_lossy)
{
	int farthest = OBSERVE_ABSENT;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];
		int ttl = evidence_answer_ttl(other);

		if (other != port && ttl > farthest &&
		    (with_lossy || !is_lossy(other)))
			farthest = ttl;
	}
	return farthest;
}

int evidence_control_hops(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int hops = farthest_answer(evidence, port, false);

	return hops != OBSERVE_ABSENT ? hops
				      : farthest_answer(evidence, port, true);
}

int evidence_early_ttl(
    const struct evidence *evidence, const struct port_evidence *port)
{
	int ttl = evidence_answer_ttl(port);

	return ttl != OBSERVE_ABSENT && port->path->answer == ANSWER_SYN_ACK &&
		       ttl < evidence_control_hops(evidence, port)
		   ? ttl
		   : 0;
}

int evidence_farthest_hop(const struct evidence *evidence)
{
	const struct hop_seen *last;
	int farthest = 0;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		if (evidence->ports[i].path == NULL)
			continue;
		last = evidence_last_hop(evidence->ports[i].path);
		if (last != NULL && last->ttl > farthest)
			farthest = last->ttl;
	}
	return farthest;
}

/* It may be held against `port`: it answered, from as far as any, and not from
 * nearer than packets to the address are known to go. */
static bool is_control(const struct evidence *evidence,
    const struct port_evidence *port, const struct port_evidence *other)
{
	int ttl = evidence_answer_ttl(other);

	if (other == port || !evidence_answered(other))
		return false;
	return ttl == OBSERVE_ABSENT ||
	       (ttl >= evidence_control_hops(evidence, port) &&
		   ttl >= evidence_farthest_hop(evidence));
}

const struct port_evidence *evidence_control(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct port_evidence *control = NULL, *other;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (is_control(evidence, port, other) &&
		    (control == NULL ||
			(control->path == NULL && other->path != NULL)))
			control = other;
	}
	return control;
}

const struct port_evidence *evidence_silent_trace(
    const struct evidence *evidence, const struct port_evidence *port)
{
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		const struct port_evidence *other = &evidence->ports[i];

		if (other != port && other->path != NULL &&
		    !evidence_answered(other))
			return other;
	}
	return NULL;
}

const struct hop_seen *evidence_last_hop(const struct path_seen *path)
{
	size_t i;

	for (i = path->nhops; i > 0; i--)
		if (path->hops[i - 1].address.family != 0)
			return &path->hops[i - 1];
	return NULL;
}

int evidence_hop_with(
    const struct target_seen *target, const struct addr *address)
{
	size_t i, j;

	for (i = 0; i < target->npaths; i++)
		for (j = 0; j < target->paths[i].nhops; j++)
			if (addr_equal(
				&target->paths[i].hops[j].address, address))
				return target->paths[i].hops[j].ttl;
	return 0;
}

/* A router that sends a packet elsewhere than it was meant for (Linux does it
 * so) gives an ICMP error about it the source that it was meant for. That is
 * no hop's address. */
static const struct hop_seen *hop_at(
    const struct path_seen *path, int ttl, const struct addr *target)
{
	size_t i;

	for (i = 0; path != NULL && i < path->nhops; i++)
		if (path->hops[i].ttl == ttl &&
		    path->hops[i].address.family != 0 &&
		    !addr_equal(&path->hops[i].address, target))
			return &path->hops[i];
	return NULL;
}

struct addr evidence_hop_address(
    const struct evidence *evidence, const struct port_evidence *port, int ttl)
{
	const struct addr *target = &evidence->target->address;
	const struct hop_seen *hop = hop_at(port->path, ttl, target);
	struct addr absent = {0};
	size_t i;

	for (i = 0; hop == NULL && i < evidence->nports; i++)
		hop = hop_at(evidence->ports[i].path, ttl, target);
	return hop != NULL ? hop->address : absent;
}
