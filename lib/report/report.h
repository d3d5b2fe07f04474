/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_H
#define EGRESS25_LIB_REPORT_REPORT_H

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

/* Append a target that has nothing yet. The pointer is good until the next
 * call. NULL: no memory. */
struct target_seen *report_add_target(struct report *report);

/* Free what the report owns, not the struct. */
void report_free(struct report *report);

#endif
