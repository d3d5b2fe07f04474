/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ASKED_H
#define EGRESS25_COLLECTOR_STORE_CLICKHOUSE_CLICKHOUSE_ASKED_H

/* Who was asked for a moment ago and is no agent, and how often the cluster may
 * be asked for one more: made-up ids cost a stranger nothing. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/report/report.h"

#define ASKED_MOST    512
#define ASKED_KEEP_US INT64_C(1000000)
#define ASKED_EVERY_US                                        \
	INT64_C(50000) /* a question, after a number at once: \
			*/
#define ASKED_AT_ONCE 40

/* Start from {0}. */
struct asked {
	struct {
		char id[REPORT_AGENT_SIZE];
		int64_t until_us;
	} unknown[ASKED_MOST];
	int64_t free_us; /* when no question will be owed any more */
};

/* Was it unknown a moment ago? Times are clock_mono_us(). */
bool asked_is_unknown(
    const struct asked *asked, const char *id, int64_t now_us);

void asked_note_unknown(struct asked *asked, const char *id, int64_t now_us);

/* May one more question be asked now? It then counts. */
bool asked_may_ask(struct asked *asked, int64_t now_us);

#endif
