/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_ATTRIBUTE_H
#define EGRESS25_COLLECTOR_INTAKE_ATTRIBUTE_H

/*
 * From a report to rows. A probe belongs to the network of the address from
 * which this collector itself saw the agent over that family (source proof), by
 * the geo data of now; each port carries its diagnosis. What the agent says
 * about its own network is ignored.
 */

#include "collector/intake/baseline.h"
#include "collector/intake/geo.h"
#include "collector/record/row.h"
#include "lib/base/day.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

/* How far the time of a target may be from the report's arrival. */
#define ATTRIBUTE_PAST_MS   (30 * DAY_MS)
#define ATTRIBUTE_FUTURE_MS (5 * MINUTE_MS)

/* And how far those of one report may be apart. */
#define ATTRIBUTE_SPAN_MS DAY_MS

/* What attributing needs beside the report; all borrowed. */
struct attribution {
	const uint8_t *secret; /* SIGN_SECRET_SIZE bytes */
	struct geo *geo;
	const struct endpoint_list *endpoints; /* what is known of them */
	const struct baseline_names *starttls; /* also offer it; or NULL */
	const char *run_by; /* the agent's operator (operator.h); "": unknown */
	int64_t received_ms;
	int64_t keep_ms; /* how long rows are kept; 0: for ever */
};

/* Make a row for each probe. `*rows` is allocated; the caller frees it. 0,
 * -ENOMEM, or -EINVAL with the place of the mistake ("targets[3].at: ..."). */
int attribute_report(const struct report *report,
    const struct attribution *attribution, struct measurement **rows,
    size_t *nrows, struct err *err);

#endif
