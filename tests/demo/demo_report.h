/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_DEMO_DEMO_REPORT_H
#define EGRESS25_TESTS_DEMO_DEMO_REPORT_H

/* What an agent on a line of a made-up network would send. Pure. */

#include "lib/base/buf.h"
#include "tests/demo/demo_world.h"

struct demo_round {
	size_t network, line;
	int day;
	int64_t at_ms;
	size_t endpoint; /* below DEMO_ENDPOINTS */
	const char *id, *agent;
	const char *proof4, *proof6; /* NULL: no source of that family */
};

/* Append the report as JSON (contract, section 4). */
void demo_report_write(
    struct demo_world *world, const struct demo_round *round, struct buf *out);

#endif
