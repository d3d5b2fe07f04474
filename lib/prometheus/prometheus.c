/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/prometheus/prometheus.h"

#include <inttypes.h>
#include <stddef.h>

void prometheus_begin(const struct prometheus *to, const char *name,
    enum prometheus_type type, const char *help)
{
	static const char *const words[] = {
	    [PROMETHEUS_COUNTER] = "counter",
	    [PROMETHEUS_GAUGE] = "gauge",
	    [PROMETHEUS_HISTOGRAM] = "histogram",
	};

	buf_printf(to->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", to->prefix,
	    name, help, to->prefix, name, words[type]);
}

/* What is before the value. */
static void append_name(
    const struct prometheus *to, const char *name, const char *labels)
{
	if (labels == NULL)
		buf_printf(to->out, "%s%s ", to->prefix, name);
	else
		buf_printf(to->out, "%s%s{%s} ", to->prefix, name, labels);
}

void prometheus_sample(const struct prometheus *to, const char *name,
    const char *labels, int64_t value)
{
	append_name(to, name, labels);
	buf_printf(to->out, "%" PRId64 "\n", value);
}

void prometheus_seconds(const struct prometheus *to, const char *name,
    const char *labels, int64_t time, int decimals)
{
	int64_t second = 1;
	int i;

	for (i = 0; i < decimals; i++)
		second *= 10;
	append_name(to, name, labels);
	buf_printf(to->out, "%" PRId64 ".%0*" PRId64 "\n", time / second,
	    decimals, time % second);
}

void prometheus_counter(const struct prometheus *to, const char *name,
    const char *help, int64_t value)
{
	prometheus_begin(to, name, PROMETHEUS_COUNTER, help);
	prometheus_sample(to, name, NULL, value);
}

void prometheus_gauge(const struct prometheus *to, const char *name,
    const char *help, int64_t value)
{
	prometheus_begin(to, name, PROMETHEUS_GAUGE, help);
	prometheus_sample(to, name, NULL, value);
}
