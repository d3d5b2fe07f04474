/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_HOST_PROOF_H
#define EGRESS25_LIB_DIAGNOSE_HOST_PROOF_H

/*
 * What the host's own counters prove (struct host_seen; Linux: Tcp
 * RetransSegs, TcpExt TCPRetransFail, packets over `lo`). They are the network
 * namespace's, and other programs' packets count too: an agent reports only
 * figures that these cannot have made.
 */

#include "lib/diagnose/evidence.h"

enum host_proof {
	HOST_PROOF_NONE, /* not read, or nothing that proves anything */
	HOST_PROOF_HELD, /* this host stopped or answered it itself */
	HOST_PROOF_LEFT, /* it left this host */
};

/* Of SYNs that nothing answered: did their retransmissions leave? All of them
 * failed inside this host, or none did. */
enum host_proof host_proof_of_silence(const struct port_evidence *port);

/* Of SYNs that were answered from TTL 1: did the answer come over `lo`? Each
 * time, or never. */
enum host_proof host_proof_of_answer(const struct port_evidence *port);

#endif
