/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_ATTRIBUTE_H
#define EGRESS25_COLLECTOR_INTAKE_ATTRIBUTE_H

/*
 * From a report to rows: each probe belongs to the network of the address that
 * this collector itself saw over that family (source proof), by the geo data
 * of the day; each port carries its diagnosis. An agent's word about where it
 * is counts for nothing.
 */

#include "collector/intake/baseline.h"
#include "collector/intake/geo.h"
#include "collector/record/row.h"
#include "lib/config/endpoints.h"
#include "lib/report/report.h"
#include "lib/sign/sign.h"

/* How far a target's time may lie from the report's arrival. */
#define ATTRIBUTE_PAST_MS   (INT64_C(30) * 24 * 3600 * 1000)
#define ATTRIBUTE_FUTURE_MS (INT64_C(5) * 60 * 1000)

struct attribution {
	const uint8_t *secret; /* SIGN_SECRET_SIZE bytes */
	struct geo *geo;
	const struct endpoint_list *endpoints; /* what is known of them */
	const struct baseline_names *starttls; /* that also offer it; or NULL */
	int64_t received_ms;
	int64_t keep_ms; /* how long rows are kept; 0: for ever */
};

/* Make the rows; `rows` becomes the caller's to free(). 0, -ENOMEM, or -EINVAL
 * with the place of what is wrong ("targets[3].at: ..."). */
int attribute_report(const struct report *report,
    const struct attribution *attribution, struct measurement **rows,
    size_t *nrows, struct err *err);

#endif
