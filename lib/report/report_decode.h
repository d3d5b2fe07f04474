/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_DECODE_H
#define EGRESS25_LIB_REPORT_REPORT_DECODE_H

#include "lib/base/err.h"
#include "lib/report/report.h"

/*
 * Read a report from `length` bytes of JSON, within the limits of report.h. A
 * duplicate key in an object, a wrong type, a number out of range, text longer
 * than its field, or bytes after the object are errors; the sentence names the
 * place, as "targets[3].probes[0].port". Unknown keys are ignored, so that a
 * newer agent can say more.
 *
 * Text becomes printable ASCII, except the names by which rows are found
 * (agent, endpoint, host). A path that reached its end but does not say by
 * which `answer` gets RST if a probe of that port was refused, and SYN-ACK if
 * none was.
 *
 * 0, -EINVAL or -ENOMEM; nothing is owned unless 0 is returned.
 */
int report_decode(
    const char *json, size_t length, struct report *report, struct err *err);

#endif
