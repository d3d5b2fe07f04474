/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_PACK_H
#define EGRESS25_COLLECTOR_RECORD_PACK_H

/*
 * The rows of one report as one run of bytes, about 20 for a row. Most rows of
 * a report share most of their fields, so each set of shared fields is written
 * once, in a list, and rows refer to it by its number:
 *
 *	version, then four lists, each preceded by its count:
 *	sources  agent asn network country prefix family attributed operator
 *	targets  source endpoint address
 *	results  port mode ended failure outcome mechanism where after_hop
 *	         icmp_type icmp_code smtp_code tls_version tls_verify listed
 *	         before_hop after_asn before_asn signs
 *	rows     n at target result endpoint_hops connect_us total_us
 *
 * With the bytes comes a summary of the listed rows, so that a listing need not
 * unpack a report that has nothing it wants: their outcomes as a bit set, the
 * count of their ports and the ports, then (asn, family, country) of each
 * source. Reading is in pack_read.h. Pure.
 */

#include "collector/record/filter.h"
#include "collector/record/row.h"
#include "lib/base/buf.h"

enum pack_list {
	PACK_SOURCES,
	PACK_TARGETS,
	PACK_RESULTS,
	PACK_ROWS,
	PACK_LISTS
};

/* 1 has no `listed`: all rows are; 1 and 2 have no operator, and nothing behind
 * `listed`. */
#define PACK_VERSION     3
#define PACK_RECENT      8  /* list entries that are searched for a match */
#define PACK_RESULT_SIZE 96 /* the most bytes of a result */

/* Packs one report at a time. Start from {0}, end with packer_free(). */
struct packer {
	struct buf lists[PACK_LISTS], summary, ports;
	uint32_t counts[PACK_LISTS];
	const struct measurement *recent_sources[PACK_RECENT];
	const struct measurement *recent_targets[PACK_RECENT];
	uint32_t source_of[PACK_RECENT]; /* of the recent targets */
	uint8_t recent_results[PACK_RECENT][PACK_RESULT_SIZE];
	size_t result_sizes[PACK_RECENT];
	int64_t last_at_ms, last_n;
	uint8_t outcomes;
};

/* Add a row; `n` is its number in the report. The row is borrowed until
 * packer_finish(). It is smallest if rows of one target are added together. */
void packer_add(
    struct packer *packer, const struct measurement *row, uint32_t n);

/* Append the bytes and the summary, and start over. Memory that ran out shows
 * as `failed` of either buffer. */
void packer_finish(
    struct packer *packer, struct buf *bytes, struct buf *summary);

void packer_free(struct packer *packer);

/* May a report with this summary hold listed rows that pass the filter? False:
 * surely not. An empty summary hides nothing. */
bool pack_may_match(
    const uint8_t *summary, size_t length, const struct row_filter *filter);

#endif
