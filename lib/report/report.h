/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_H
#define EGRESS25_LIB_REPORT_REPORT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/report/observe.h"

#define REPORT_FORMAT      "egress25-report/1"
#define REPORT_BYTES_MAX   (1024 * 1024) /* the body, after gunzip */
#define REPORT_ID_SIZE     37            /* a UUID as text, and NUL */
#define REPORT_AGENT_SIZE  65
#define REPORT_PROOF_SIZE  256
#define REPORT_TARGETS_MAX 512
#define REPORT_PROBES_MAX  64 /* a target */
#define REPORT_PATHS_MAX   16 /* a target */
/* In all: what 1 MiB of the smallest probes can make of our memory must have
 * an end. 1 MiB of real ones are about 3,000. */
#define REPORT_ALL_PROBES_MAX 4096

/* The address a family's traffic was seen to come from, and the collector's
 * word for it. */
struct source_seen {
	struct addr address; /* absent: the family has none */
	char proof[REPORT_PROOF_SIZE];
};

/* One round of one agent: egress25-report/1, section 4 of the contract. */
struct report {
	char id[REPORT_ID_SIZE]; /* UUIDv7, lower case */
	char agent[REPORT_AGENT_SIZE];
	char software[64];
	int64_t started_ms, ended_ms;
	struct source_seen source4, source6;
	struct target_seen *targets; /* owned, each of them too */
	size_t ntargets;
};

/* Append the report as one JSON object without a line end. Memory that ran
 * out shows as `out->failed`. */
void report_encode(const struct report *report, struct buf *out);

/*
 * Read a report from `length` bytes of JSON. Bounded by the limits above; a
 * key twice in one object, a wrong type, a number out of range, text longer
 * than its field, or bytes after the object are errors whose sentence names
 * the place as "targets[3].probes[0].port". Unknown keys are passed over, so
 * that a newer agent can say more. Text becomes printable ASCII, except what
 * rows are found by (agent, endpoint, host). Where a path that reached its end
 * does not say by which `answer`, it was a SYN-ACK, or an RST where a probe of
 * that port was refused. 0, -EINVAL or -ENOMEM; unless 0, nothing is owned.
 */
int report_decode(
    const char *json, size_t length, struct report *report, struct err *err);

/* Append a target that has nothing yet. The pointer is good until the next
 * call. NULL: no memory. */
struct target_seen *report_add_target(struct report *report);

/* Free what the report owns, not the struct. */
void report_free(struct report *report);

#endif
