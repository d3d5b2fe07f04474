/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/host_proof.h"

enum host_proof host_proof_of_silence(const struct port_evidence *port)
{
	const struct witness_counts *counts = &port->witness;

	if (counts->retransmitted == 0)
		return HOST_PROOF_NONE;
	if (counts->failed == 0)
		return HOST_PROOF_LEFT;
	return counts->failed == counts->retransmitted ? HOST_PROOF_HELD
						       : HOST_PROOF_NONE;
}

enum host_proof host_proof_of_answer(const struct port_evidence *port)
{
	const struct witness_counts *counts = &port->witness;

	if (counts->answered == 0)
		return HOST_PROOF_NONE;
	if (counts->looped_least > 0)
		return HOST_PROOF_HELD;
	return counts->looped_most == 0 ? HOST_PROOF_LEFT : HOST_PROOF_NONE;
}
