/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/evidence.h"

#include <string.h>

#include "lib/diagnose/attempts.h"
#include "lib/diagnose/looks.h"

size_t evidence_room(const struct target_seen *target)
{
	size_t room = target->nprobes + target->npaths;

	return room < EVIDENCE_PORTS_MAX ? room : EVIDENCE_PORTS_MAX;
}

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
	memset(port, 0, sizeof(*port));
	port->port = number;
	port->mode = MODE_CONNECT;
	return port;
}

static void add_path(struct port_evidence *port, const struct path_seen *path,
    const struct addr *target)
{
	port->traced = true;
	if (path->reached && (port->nearest == NULL ||
				 path->answer_ttl < port->nearest->answer_ttl))
		port->nearest = path;
	if (path->answer == ANSWER_ICMP &&
	    (port->icmp_path == NULL ||
		path->answer_ttl < port->icmp_path->answer_ttl))
		port->icmp_path = path;
	if (path->limited_reset &&
	    (port->reset_ttl == 0 || path->limited_ttl < port->reset_ttl))
		port->reset_ttl = path->limited_ttl;
	looks_add(port, path, target);
}

void evidence_gather(const struct target_seen *target,
    struct port_evidence *ports, struct evidence *evidence)
{
	int64_t quickest = attempts_quickest_us(target);
	struct port_evidence *port;
	size_t i;

	evidence->target = target;
	evidence->ports = ports;
	evidence->nports = 0;
	evidence->traced = target->npaths > 0;
	evidence->receipts = false;
	for (i = 0; i < target->nprobes; i++) {
		evidence->receipts |= target->probes[i].receipt.worth !=
				      RECEIPT_NONE;
		port = find_or_add(evidence, target->probes[i].port);
		if (port != NULL)
			attempts_count(port, &target->probes[i], quickest);
	}
	for (i = 0; i < target->npaths; i++) {
		port = find_or_add(evidence, target->paths[i].port);
		if (port != NULL)
			add_path(port, &target->paths[i], &target->address);
	}
	for (i = 0; i < evidence->nports; i++)
		attempts_finish(&ports[i]);
}

bool evidence_answered(const struct port_evidence *port)
{
	return port->connected > 0 || port->refused > 0 ||
	       port->nearest != NULL;
}

bool evidence_is_mute(const struct port_evidence *port)
{
	return !evidence_answered(port) && port->unreachable == 0 &&
	       port->icmp_path == NULL && port->timeouts > 0;
}

bool evidence_is_silent(const struct port_evidence *port)
{
	return evidence_is_mute(port) &&
	       port->timeouts >= EVIDENCE_SILENT_TRIES;
}

int evidence_answer_ttl(const struct port_evidence *port)
{
	return port->nearest != NULL ? port->nearest->answer_ttl
				     : OBSERVE_ABSENT;
}

int evidence_accept_ttl(const struct port_evidence *port)
{
	return port->nearest != NULL && port->nearest->answer == ANSWER_SYN_ACK
		   ? port->nearest->answer_ttl
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
	int hops;

	if (!evidence->traced)
		return OBSERVE_ABSENT;
	hops = farthest_answer(evidence, port, false);
	return hops != OBSERVE_ABSENT ? hops
				      : farthest_answer(evidence, port, true);
}

/* It can be compared with `port`: it answered, from as far as any, and not
 * from nearer than packets to the address are known to go. */
static bool is_control(const struct evidence *evidence,
    const struct port_evidence *port, const struct port_evidence *other)
{
	int ttl = evidence_answer_ttl(other);

	if (other == port || !evidence_answered(other))
		return false;
	return ttl == OBSERVE_ABSENT ||
	       (ttl >= evidence_control_hops(evidence, port) &&
		   ttl > looks_farthest_router(evidence, NULL));
}

const struct port_evidence *evidence_control(
    const struct evidence *evidence, const struct port_evidence *port)
{
	const struct port_evidence *control = NULL, *other;
	size_t i;

	for (i = 0; i < evidence->nports; i++) {
		other = &evidence->ports[i];
		if (!is_control(evidence, port, other))
			continue;
		if (control == NULL || (!control->traced && other->traced) ||
		    (control->traced == other->traced &&
			other->port < control->port))
			control = other;
	}
	return control;
}
