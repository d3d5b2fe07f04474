/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FORMAT_ENDPOINT_H
#define EGRESS25_COLLECTOR_RECORD_FORMAT_ENDPOINT_H

/* The endpoints of the collector's list as flat rows. Pure. */

#include "collector/record/column.h"
#include "lib/config/endpoints.h"

struct endpoint_record {
	char name[64], host[256], domain[256], kind[16];
	char ports[8 * PORT_LIST_MAX],
	    control[8 * PORT_LIST_MAX]; /* "25 587" */
	int64_t interval_s;
	double rate; /* visits a second */
};

/* A name of NULL ends them. */
extern const struct column format_endpoint_columns[];

void endpoint_record_fill(
    struct endpoint_record *record, const struct endpoint *endpoint);

#endif
