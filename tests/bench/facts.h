/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_BENCH_FACTS_H
#define EGRESS25_TESTS_BENCH_FACTS_H

/*
 * What one agent has to tell in the bench: a report of 60 probes as JSON, or
 * the rows that a collector makes of it as 60 influx lines. Either is written
 * once and then made anew for every request by changing its id and its times
 * in place, which costs the generator next to nothing.
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

/* Who tells it: one of ten is behind a filter of port 25. */
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

/* Make it another one, seen at `now_ms`, with that id (36 characters). */
void facts_renew(
    struct facts_template *template, int64_t now_ms, const char *id);

void facts_free(struct facts_template *template);

#endif
