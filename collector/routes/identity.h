/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_IDENTITY_H
#define EGRESS25_COLLECTOR_ROUTES_IDENTITY_H

/*
 * Who speaks: the signature of a request (lib/http/httpsig.h) against the key
 * that its agent enrolled with, in the time that the clock allows. Revoked
 * agents and strangers are the same: unknown.
 */

#include "collector/store/registry.h"
#include "lib/base/buf.h"
#include "lib/http/httpsig.h"

struct evhttp_request;

/* The keyid of an enrolment, which is signed with the key in its own body. */
#define IDENTITY_ENROL_KEYID "enrol"

/* The agent's name is made from its key, so that enrolling again gives the
 * same one: the first 32 hex digits of the key's SHA-256. */
void identity_name(
    const uint8_t public_key[SIGN_PUBLIC_SIZE], char id[REPORT_AGENT_SIZE]);

/* Whether the request claims a signature at all. */
bool identity_is_signed(struct evhttp_request *request);

/* Read and check the form, the body's digest and the time of the request's
 * signature. 0, or -EINVAL with why not. */
int identity_read(struct evhttp_request *request, const struct buf *body,
    int64_t skew_s, struct httpsig_params *params, struct err *err);

/* All of that, and the signature itself with the key of an enrolled agent,
 * which is handed over. 0, -EINVAL (it is not good: 401), or what the store
 * said. The store is asked each time: that is 12 us of some 400 a report, and
 * a revocation or another key counts at once, whichever process it came from;
 * to ask whether anything changed would cost as much. */
int identity_check(struct store *store, struct evhttp_request *request,
    const struct buf *body, int64_t skew_s, struct registry_agent *agent,
    struct err *err);

#endif
