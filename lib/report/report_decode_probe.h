/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_REPORT_DECODE_PROBE_H
#define EGRESS25_LIB_REPORT_REPORT_DECODE_PROBE_H

/* The parts of report_decode() that read what was seen on one port. All return
 * 0, or -EINVAL with a sentence that names the place. */

#include "lib/base/err.h"
#include "lib/json/json_read.h"
#include "lib/report/observe.h"

/* Read the text under `key`, made printable; "" if it is absent. Longer than
 * `size - 1` bytes is an error. */
int report_decode_text(const struct json_at *object, const char *key, char *out,
    size_t size, struct err *err);

/* What was read before: the ports of one server say mostly the same. Begin a
 * report with {0}; the probes must stay where they are until its end. */
struct report_decoded {
	const struct json_value *smtp, *tls; /* NULL: none yet */
	const struct smtp_seen *smtp_seen;   /* what they were read to */
	const struct tls_seen *tls_seen;
};

/* Read one element of `probes`. */
int report_decode_probe(const struct json_at *object,
    struct report_decoded *before, struct probe_seen *probe, struct err *err);

/* Read one element of `paths`. The probes of `target` must have been read: they
 * tell what an answer was that the report does not name. */
int report_decode_path(const struct json_at *object,
    const struct target_seen *target, struct path_seen *path, struct err *err);

#endif
