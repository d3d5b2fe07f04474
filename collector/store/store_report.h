/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_REPORT_H
#define EGRESS25_COLLECTOR_STORE_STORE_REPORT_H

/* A report as it is written to a store (store.h), and what is shown of it. */

#include "collector/record/row.h"
#include "lib/base/buf.h"
#include "lib/base/day.h"
#include "lib/base/err.h"
#include "lib/report/report.h"

/* The longest time between two rows of a report. */
#define STORE_SPAN_MAX_MS DAY_MS

#define STORE_DIGEST_BYTES 16

/* An accepted report with its rows. */
struct store_report {
	char id[REPORT_ID_SIZE];
	char agent_id[REPORT_AGENT_SIZE]; /* "": the rows are imported */
	/* Of what the agent sent: the same id with another one is no repeat. */
	uint8_t digest[STORE_DIGEST_BYTES];
	int64_t received_ms;
	const struct measurement *rows; /* borrowed */
	size_t nrows;
	const void *detail; /* report_detail.h; borrowed; NULL: none */
	size_t detail_length;
	const char *signed_body; /* to keep as evidence; borrowed; or NULL */
	size_t signed_body_length;
};

/* What became of reports: arrays with an element for each. */
struct store_flags {
	bool *duplicate;
	bool *refused; /* NULL: wrong input ends the write with -EINVAL */
};

struct store;

/* Append what is shown of a report beside its rows (report_detail.h), if
 * anything is. -ENOENT: there is no such report. */
int store_report_detail(
    struct store *store, const char *id, struct buf *out, struct err *err);

#endif
