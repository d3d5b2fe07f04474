/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_REPORT_BECAUSE_H
#define EGRESS25_COLLECTOR_ROUTES_REPORT_BECAUSE_H

/*
 * What one measurement saw, in sentences for people who run mail servers: the
 * `because` of a probe in a public report. Codes come with their meaning. Pure.
 */

#include <stddef.h>

#include "collector/record/row.h"
#include "lib/json/json.h"

/* Write "because": [SENTENCE...] of `row`, whose port was tried `tries` times
 * with the same end. */
void report_because_write(
    const struct measurement *row, size_t tries, struct json_writer *json);

#endif
