/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_ENCODE_H
#define EGRESS25_LIB_REPORT_REPORT_ENCODE_H

#include "lib/base/buf.h"
#include "lib/report/report.h"

/* Append the report as one JSON object, without a line end. If memory runs out,
 * `out->failed` is set. */
void report_encode(const struct report *report, struct buf *out);

#endif
