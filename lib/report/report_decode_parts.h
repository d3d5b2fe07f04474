/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_DECODE_PARTS_H
#define EGRESS25_LIB_REPORT_REPORT_DECODE_PARTS_H

/* The parts of report_decode(): each reads one JSON object into what it
 * stands for. 0, or -EINVAL with the sentence. */

#include "lib/base/err.h"
#include "lib/json/json_read.h"
#include "lib/report/observe.h"

/* Text that a person will see somewhere: it is made printable, and may be
 * absent. */
int report_decode_text(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err);

/* One element of `probes`. */
int report_decode_probe(
    const struct json_at *object, struct probe_seen *probe, struct err *err);

/* One element of `paths`; the probes of `target` are read already, and tell
 * what an answer without a name was. */
int report_decode_path(const struct json_at *object,
    const struct target_seen *target, struct path_seen *path, struct err *err);

#endif
