/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_REPORT_PARTS_H
#define EGRESS25_AGENT_UPLOAD_REPORT_PARTS_H

/*
 * A round that is too big for one report is sent as several, each a round of
 * its own to its reader. They are of about the same size, so that each has
 * enough to compare with, and an endpoint's addresses stay together unless they
 * alone are too much. Pure.
 */

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/report/report.h"

/* What a report may hold; a reader's bounds, or less. */
struct report_limits {
	size_t bytes, targets, probes;
};

/* report_decode()'s own. */
extern const struct report_limits report_limits;

/* Cut the targets into parts within the limits: part i is up to before target
 * `ends[i]`. `ends` is the caller's to free. A target that is too much by
 * itself is a part of its own. 0 or -ENOMEM. */
int report_parts_cut(const struct report *report,
    const struct report_limits *limits, size_t **ends, size_t *count);

/* The targets from `from` to before `to`, as a report with its own id. It
 * borrows them: not for report_free(). */
struct report report_part(
    const struct report *report, size_t from, size_t to, const char *id);

/* The id of the first or second half (0, 1) of a report that was already given
 * an id. Always the same, so that a report that is halved again after a crash
 * gives the same halves; later in order than the report. */
void report_half_id(const char *id, int half, char half_id[REPORT_ID_SIZE]);

/* Cut an encoded report in two, with the ids above. 0; -EINVAL: it is none, or
 * has one target only; -ENOMEM. */
int report_halve(
    const char *json, size_t length, struct buf halves[2], struct err *err);

#endif
