/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FILTER_H
#define EGRESS25_COLLECTOR_RECORD_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* Room for the place where a listing goes on, as opaque text. */
#define ROW_CURSOR_SIZE 64

/* Which rows are meant; zeroed fields do not filter. Times are [since_ms,
 * until_ms). */
struct row_filter {
	uint32_t asn;
	bool has_asn;
	uint32_t asn_from; /* rollups: of this one and those behind it */
	char country[3];
	uint8_t family;
	uint16_t port;
	int outcome;                /* enum outcome, or -1: any */
	int64_t since_ms, until_ms; /* until 0: no end */
};
void row_filter_init(struct row_filter *filter);

#endif
