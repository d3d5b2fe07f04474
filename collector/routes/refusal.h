/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REFUSAL_H
#define EGRESS25_COLLECTOR_ROUTES_REFUSAL_H

/* How agents are told that a request will not do. */

#include "lib/base/err.h"

struct evhttp_request;

#define REFUSAL_RETRY_S 5

/* "place: sentence" as field and message. */
void refusal_bad_input(
    struct evhttp_request *request, int status, const struct err *err);

/* identity_check() did not succeed: 401, or 503 where the store failed. */
void refusal_unidentified(
    struct evhttp_request *request, int error, const struct err *err);

/* 503 for our own failure, which is logged as "what: ...". */
void refusal_failed(
    struct evhttp_request *request, const char *what, const struct err *err);

void refusal_no_memory(struct evhttp_request *request);

#endif
