/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_REDIAGNOSE_H
#define EGRESS25_COLLECTOR_INTAKE_REDIAGNOSE_H

/* A report that was kept as it was signed (`keep-signed`), through the
 * diagnosis of today. */

#include "collector/intake/attribute.h"

struct rediagnosis {
	/* As for a new report; received_ms: when it came. */
	struct attribution attribution;
	const char *signed_body; /* header fields, an empty line, the body */
	size_t length;
	size_t body_most; /* bytes of a body, once it is decoded */
};

/*
 * Change what is diagnosed of its stored rows to what is found today, and
 * nothing else: to whom a row is attributed, and whether it is listed, was
 * decided when it came. ASes of hops stay with the hops, since they were read
 * from the geo data of that time. 1: rows were changed, 0: none, -ENOMEM, or
 * -EINVAL: it cannot be read, or these are not its rows.
 */
int rediagnose(const struct rediagnosis *rediagnosis, struct measurement *rows,
    size_t nrows, struct err *err);

#endif
