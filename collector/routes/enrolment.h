/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ENROLMENT_H
#define EGRESS25_COLLECTOR_ROUTES_ENROLMENT_H

/*
 * How agents come by their names and change their keys.
 *
 * POST /v1/agents {"public_key","contact"?,"token"?}, signed with that key:
 * 200 {"agent"}; the same key again is the same agent. 403: the token does not
 * do, or the key is one that counts no more. 429 with Retry-After: an address,
 * or the prefix around it, has enrolled too often of late ([limits]
 * enrol-address, enrol-prefix; each collector counts for itself).
 *
 * POST /v1/agents/key {"public_key","possession"} (lib/sign/possession.h),
 * signed by the agent's key as reports are: 200 {"agent"}. When that is
 * answered, the new key alone counts, whatever crashes; the agent's name stays.
 * Signed by the new key already, it changes nothing.
 */

#include "collector/threads/server.h"

server_handler enrolment_add;        /* POST /v1/agents */
server_handler enrolment_change_key; /* POST /v1/agents/key */

/* What all threads share: who enrolled how often of late. */
struct enrolments;
struct enrolments *enrolments_new(void); /* NULL: no memory */
void enrolments_free(struct enrolments *enrolments);

#endif
