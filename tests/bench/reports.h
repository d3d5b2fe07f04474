/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_BENCH_REPORTS_H
#define EGRESS25_TESTS_BENCH_REPORTS_H

/* Reports of 60 rows as from a fleet, for benchmarks of the store. */

#include "collector/store/store.h"

#define REPORTS_ENDPOINTS 15
#define REPORTS_PORTS     4
#define REPORTS_ROWS      (REPORTS_ENDPOINTS * REPORTS_PORTS)
#define REPORTS_AGENTS    4000
#define REPORTS_NETWORKS  500

/* Fill in report `number` and its rows, measured at `at_ms`. */
void reports_fill(struct store_report *report,
    struct measurement rows[REPORTS_ROWS], size_t number, int64_t at_ms);

#endif
