/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_FILTER_H
#define EGRESS25_COLLECTOR_RECORD_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The size of a cursor: opaque text that says where a list continues. */
#define ROW_CURSOR_SIZE 160

/* Which rows are wanted; a field that is zero does not filter. Times are in
 * [since_ms, until_ms). Start with row_filter_init(). */
struct row_filter {
	uint32_t asn;
	bool has_asn;
	char country[3];
	uint8_t family;
	uint16_t port;
	int outcome;                /* enum outcome; -1: any */
	int64_t since_ms, until_ms; /* until 0: no end */
};

/* A place in the order of the rollup rows: before a day of a network. */
struct rollup_place {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	int32_t day;
};

/* One page of rollups. */
struct rollup_page {
	struct rollup_place from; /* in: where to begin;
				     out, if it is cut: where to go on */
	int64_t until_us; /* clock_mono_us() at which a page ends before the
			     next day or network; 0: no end */
	bool is_cut;      /* out */
};

/* A filter that every row passes. */
void row_filter_init(struct row_filter *filter);

#endif
