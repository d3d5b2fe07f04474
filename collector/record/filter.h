/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FILTER_H
#define EGRESS25_COLLECTOR_RECORD_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The size of a cursor: opaque text that says where a list continues. */
#define ROW_CURSOR_SIZE 64

/* Which rows are wanted; a field that is zero does not filter. Times are in
 * [since_ms, until_ms). Start with row_filter_init(). */
struct row_filter {
	uint32_t asn;
	bool has_asn;
	uint32_t asn_from; /* rollups: this ASN and greater ones */
	char country[3];
	uint8_t family;
	uint16_t port;
	int outcome;                /* enum outcome; -1: any */
	int64_t since_ms, until_ms; /* until 0: no end */
};

/* A filter that every row passes. */
void row_filter_init(struct row_filter *filter);

#endif
