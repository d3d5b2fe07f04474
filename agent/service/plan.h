/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PLAN_H
#define EGRESS25_AGENT_SERVICE_PLAN_H

/*
 * The collector's plan for this agent, "egress25-plan/1": which endpoints to
 * visit, in which time slots. Pure. All its times are on the collector's clock
 * and are used relative to its own `at`, so neither wall clock has to be
 * right.
 */

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/config/endpoints.h"

#define PLAN_FORMAT        "egress25-plan/1"
#define PLAN_FILE          "plan.json"
#define PLAN_BYTES_MAX     (1024 * 1024)
#define PLAN_ENDPOINTS_MAX 512

/* When an endpoint may be visited: at `next_ms`, then once per interval of the
 * endpoint, and up to `extra` more times to confirm a change. */
struct plan_slot {
	int64_t next_ms;
	int64_t extra;
	int64_t least_s; /* minimum between two visits; 0: none */
};

struct plan {
	int64_t at_ms;                  /* when it was made */
	int64_t until_ms;               /* ask for the next one before this */
	struct endpoint_list endpoints; /* owned */
	struct plan_slot *slots;        /* owned; one per endpoint */
};

/*
 * Parse a plan. Unknown keys are ignored. A wrong type, a value out of range,
 * a duplicate name, or an endpoint that does not have exactly one of host and
 * domain is -EINVAL, with a sentence that names the place. 0, -EINVAL or
 * -ENOMEM; on failure `plan` is empty. End with plan_free().
 */
int plan_decode(
    const char *json, size_t length, struct plan *plan, struct err *err);

/* Append the plan as it is kept on disk: with the URL of its collector and the
 * wall clock time at which it was received. `json` must be a plan that
 * plan_decode() accepts. */
void plan_keep(const char *json, size_t length, const char *collector,
    int64_t taken_ms, struct buf *out);

/* Parse what plan_keep() wrote. -ESTALE: it came from another collector;
 * otherwise as plan_decode(). */
int plan_decode_kept(const struct buf *text, const char *collector,
    int64_t *taken_ms, struct plan *plan, struct err *err);

/* Free its contents; it is empty afterwards: no endpoints, `until_ms` 0. */
void plan_free(struct plan *plan);

#endif
