/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_FLEET_DRIVE_AGENT_H
#define EGRESS25_TESTS_FLEET_DRIVE_AGENT_H

/* A simulated agent that talks to a collector: its key and address follow from
 * its number, so that nothing is kept of those that are not at work. */

#include "lib/base/buf.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

#define DRIVE_PROBES    3 /* of a report: ports 25 and 587, and a control */
#define DRIVE_ADDRESSES 131072 /* 198.18.0.0/15; more agents share them */

struct drive_agent {
	size_t number;
	struct sign_key *key; /* owned */
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	char id[REPORT_AGENT_SIZE];
	char address[32], proof[REPORT_PROOF_SIZE];
	struct buf report; /* its body */
	bool is_answered;
};

/* Fill in all but the proof and the report. False: no memory. End with
 * drive_agent_free(). */
bool drive_agent_make(struct drive_agent *agent, size_t number);

void drive_agent_free(struct drive_agent *agent);

/* Append a request that the agent signs; `keyid` is its id or "enrol". False:
 * it cannot be signed. */
struct drive_message {
	const char *method, *path, *keyid;
	const struct buf *body;
};
bool drive_agent_write(const struct drive_agent *agent,
    const struct drive_message *message, struct buf *request);

/* Make its report of one visit just now. */
void drive_agent_report(struct drive_agent *agent);

/* Take the proof of an answer to /v1/whoami. False: there is none. */
bool drive_agent_take_proof(struct drive_agent *agent, const char *body);

#endif
