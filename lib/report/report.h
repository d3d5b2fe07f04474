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
/* Over all targets; bounds the memory for 1 MiB of the smallest probes. 1 MiB
 * of real ones is about 3,000. */
#define REPORT_ALL_PROBES_MAX 4096

/* The public source address of one family, and the collector's proof of it. */
struct source_seen {
	struct addr address; /* absent: none of this family */
	char proof[REPORT_PROOF_SIZE];
};

/* One round of one agent: egress25-report/1, section 4 of the contract. */
struct report {
	char id[REPORT_ID_SIZE]; /* UUIDv7, lower case */
	char agent[REPORT_AGENT_SIZE];
	char software[64];
	int64_t started_ms, ended_ms;
	struct source_seen source4, source6;
	struct target_seen *targets; /* owned, with their contents */
	size_t ntargets;
};

/* Append a zeroed target. The pointer is valid until the next call. NULL: out
 * of memory. */
struct target_seen *report_add_target(struct report *report);

/* Free the targets and zero the struct. */
void report_free(struct report *report);

#endif
