/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_SHOWN_H
#define EGRESS25_COLLECTOR_INTAKE_SHOWN_H

/* From a report to what is shown of it beside its rows, in public form
 * (record/report_detail.h): hops as zone, network and prefix, and the words of
 * servers without anybody's address or name. */

#include "collector/intake/attribute.h"
#include "lib/base/buf.h"

/* Append the packed detail; `rows` are those that attribute_report() made of
 * the report. Paths whose agent's network is not proved are left out. Out of
 * memory shows as `out->failed`. */
void shown_pack(const struct report *report,
    const struct attribution *attribution, const struct measurement *rows,
    struct buf *out);

#endif
