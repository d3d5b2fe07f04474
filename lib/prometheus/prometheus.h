/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_PROMETHEUS_PROMETHEUS_H
#define EGRESS25_LIB_PROMETHEUS_PROMETHEUS_H

/*
 * Writes metrics in Prometheus's text format, version 0.0.4. A metric is
 * announced once, and its samples follow at once. Memory that ran out shows as
 * `out->failed`.
 */

#include <stdint.h>

#include "lib/base/buf.h"

enum prometheus_type {
	PROMETHEUS_COUNTER,
	PROMETHEUS_GAUGE,
	PROMETHEUS_HISTOGRAM,
};

/* Where to write, and what each name begins with ("egress25_"). Both are
 * borrowed. */
struct prometheus {
	struct buf *out;
	const char *prefix;
};

/* Announce a metric. `name` is without the prefix; `help` is one line without a
 * backslash. Nothing here is escaped: all text is the program's own. */
void prometheus_begin(const struct prometheus *to, const char *name,
    enum prometheus_type type, const char *help);

/* A sample of it. `labels` as in `family="4",port="25"`; NULL: none. */
void prometheus_sample(const struct prometheus *to, const char *name,
    const char *labels, int64_t value);

/* A sample in seconds: `time`, not negative, has so many `decimals`, 3 where it
 * is in ms, 6 where it is in us. */
void prometheus_seconds(const struct prometheus *to, const char *name,
    const char *labels, int64_t time, int decimals);

/* A whole metric: one sample without labels. */
void prometheus_counter(const struct prometheus *to, const char *name,
    const char *help, int64_t value);
void prometheus_gauge(const struct prometheus *to, const char *name,
    const char *help, int64_t value);

#endif
