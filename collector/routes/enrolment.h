/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_ENROLMENT_H
#define EGRESS25_COLLECTOR_ROUTES_ENROLMENT_H

/* How agents get their names and change their keys. */

#include "collector/threads/dispatch.h"

/*
 * POST /v1/agents {"public_key","contact"?,"token"?}, signed with that key:
 * 200 {"agent"}; the same key again is the same agent. 403: the token is not
 * valid, or the key was revoked or replaced. 429 with Retry-After: too many
 * enrolments from the address or its prefix in the last hour ([limits]
 * enrol-address, enrol-prefix; each collector counts its own).
 */
post_handler route_enrol;

/*
 * POST /v1/agents/key {"public_key","possession"} (lib/sign/possession.h),
 * signed with the agent's current key: 200 {"agent"}. From then on only the new
 * key is valid, even after a crash; the agent's name stays. Signed with the new
 * key already, it changes nothing. 429 with Retry-After: too many changes in
 * the last hour ([limits] key-changes, enrol-prefix).
 */
post_handler route_change_key;

#endif
