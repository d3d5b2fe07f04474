/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_BENCH_FACTS_H
#define EGRESS25_TESTS_BENCH_FACTS_H

/*
 * What a simulated agent sends in a benchmark: a report of 60 probes as JSON,
 * or the rows a collector makes of it as 60 Influx lines. It is written once as
 * a template; for each request only the id and the times are changed in place,
 * which costs the generator next to nothing.
 */

#include "lib/base/buf.h"
#include "lib/report/report.h"

#define FACTS_ENDPOINTS 15
#define FACTS_PORTS     4
#define FACTS_PROBES    (FACTS_ENDPOINTS * FACTS_PORTS)
#define FACTS_TIMES     (FACTS_PROBES + 2) /* at most, in one template */

struct facts_template {
	struct buf bytes;
	size_t id_at; /* where the report's id is; 0: it has none */
	bool is_lines;
	size_t ntimes;
	struct {
		size_t at;
		int64_t ago_ms;
	} times[FACTS_TIMES];
};

/* One agent in ten is behind a filter on port 25. */
struct facts_agent {
	size_t number;
	char id[REPORT_AGENT_SIZE];
	struct source_seen source;
};

/* Write the template; facts_free() it. False: no memory. */
bool facts_write_report(
    const struct facts_agent *agent, struct facts_template *template);
bool facts_write_lines(
    const struct facts_agent *agent, struct facts_template *template);

/* Give it a new id (36 characters) and the times of `now_ms`. */
void facts_renew(
    struct facts_template *template, int64_t now_ms, const char *id);

void facts_free(struct facts_template *template);

#endif
