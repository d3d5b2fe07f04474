/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_EVIDENCE_H
#define EGRESS25_LIB_DIAGNOSE_EVIDENCE_H

/*
 * What one round saw of one address: the ground on which the rules decide.
 * Counting and looking up, no judgement; nothing depends on the order in which
 * probes and paths were reported.
 */

#include "lib/diagnose/port_evidence.h"

/* As many ports as evidence_gather() may fill in. */
size_t evidence_room(const struct target_seen *target);

/* Count. `ports` has room for evidence_room(); `target` is borrowed. Ports
 * beyond EVIDENCE_PORTS_MAX are left out. */
void evidence_gather(const struct target_seen *target,
    struct port_evidence *ports, struct evidence *evidence);

/* The port answered a SYN by SYN-ACK or RST, whoever sent it. */
bool evidence_answered(const struct port_evidence *port);

/* Nothing but silence: no connect passed, was refused or got an ICMP error,
 * and no path was answered. */
bool evidence_is_mute(const struct port_evidence *port);

/* So many tries without an answer are silence: one may be loss. */
#define EVIDENCE_SILENT_TRIES 2

/* Mute in as many tries as that. */
bool evidence_is_silent(const struct port_evidence *port);

/* The TTL at which a traced port first gave SYN-ACK or RST; OBSERVE_ABSENT:
 * not traced, or it never did. */
int evidence_answer_ttl(const struct port_evidence *port);

/* The TTL of its SYN-ACK, OBSERVE_ABSENT where it gave RST or nothing. */
int evidence_accept_ttl(const struct port_evidence *port);

/* The farthest TTL at which a port other than `port` first answered: the
 * endpoint's own distance as the controls have it; best by those of which no
 * SYN vanished. OBSERVE_ABSENT: unknown. */
int evidence_control_hops(
    const struct evidence *evidence, const struct port_evidence *port);

/* The control to compare `port` with: another port that answered, and not from
 * nearer than the controls' distance or than a router on any path; best a
 * traced one. NULL: none. */
const struct port_evidence *evidence_control(
    const struct evidence *evidence, const struct port_evidence *port);

#endif
