/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PLAN_H
#define EGRESS25_AGENT_SERVICE_PLAN_H

/*
 * The collector's plan for this agent, "egress25-plan/1": which endpoints, in
 * which slots. Pure. Its times are the collector's; they count from its own
 * `at`, so that no wall clock has to be right.
 */

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/config/endpoints.h"

#define PLAN_FORMAT        "egress25-plan/1"
#define PLAN_FILE          "plan.json"
#define PLAN_BYTES_MAX     (1024 * 1024)
#define PLAN_ENDPOINTS_MAX 512

/* When one endpoint may be visited: at `next_ms`, and every interval of the
 * endpoint from then; and `extra` times more to confirm a change. */
struct plan_slot {
	int64_t next_ms;
	int64_t extra;
	int64_t least_s; /* between two visits, whatever the slots; 0: none */
};

struct plan {
	int64_t at_ms;    /* it was made */
	int64_t until_ms; /* a new one is to be asked for before */
	struct endpoint_list endpoints; /* owned */
	struct plan_slot *slots;        /* owned; one an endpoint */
};

/*
 * Read a plan. Unknown keys are passed over; a wrong type, a value out of
 * range, a name twice, an endpoint without host and without domain or with
 * both are errors whose sentence names the place.
 * Unless 0 (-EINVAL, -ENOMEM), it is empty.
 */
int plan_decode(
    const char *json, size_t length, struct plan *plan, struct err *err);

/* The plan's text as it is kept on disk: with the collector that it is of, and
 * the wall clock time when it came. `json` must have been decoded well. */
void plan_keep(const char *json, size_t length, const char *collector,
    int64_t taken_ms, struct buf *out);

/* Read one that was kept. 0; -ESTALE: it is another collector's; -EINVAL;
 * -ENOMEM. */
int plan_decode_kept(const struct buf *text, const char *collector,
    int64_t *taken_ms, struct plan *plan, struct err *err);

/* Free what it owns; it is empty then: no endpoints, until 0. */
void plan_free(struct plan *plan);

#endif
