/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REFUSAL_H
#define EGRESS25_COLLECTOR_ROUTES_REFUSAL_H

/* Replies that several routes refuse a request with. */

#include "collector/http/reply.h"
#include "lib/base/err.h"

#define REFUSAL_RETRY_S 5

/* The error "field: message" of a parser, with that status. */
void refusal_bad_input(struct reply *reply, int status, const struct err *err);

/* identity_check() failed with `error`: 401 for a bad signature, 429 for one of
 * many, else 503. */
void refusal_unidentified(
    struct reply *reply, int error, const struct err *err);

/* 503 for the store's failure, which is logged as "what: ...". */
void refusal_store(
    struct reply *reply, const char *what, const struct err *err);

/* 503: out of memory. */
void refusal_no_memory(struct reply *reply);

#endif
