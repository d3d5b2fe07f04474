/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_PACK_H
#define EGRESS25_COLLECTOR_RECORD_PACK_H

/*
 * The rows of one report as one run of bytes, about 20 a row. Rows of a report
 * have most fields in common; each set of them is written once and named by
 * its number:
 *
 *	version, then four lists, each with its count in front:
 *	sources  agent asn network country prefix family attributed
 *	targets  source endpoint address
 *	fates    port mode ended failure outcome mechanism where after_hop
 *	         icmp_type icmp_code smtp_code tls_version tls_verify
 *	rows     n at target fate endpoint_hops connect_us total_us
 *
 * Beside the bytes goes a summary, so that a listing need not unpack what it
 * does not want: the outcomes as a set of bits, then (asn, family, country)
 * of each source. Pure.
 */

#include "collector/record/filter.h"
#include "collector/record/row.h"
#include "lib/base/buf.h"

enum pack_list {
	PACK_SOURCES,
	PACK_TARGETS,
	PACK_FATES,
	PACK_ROWS,
	PACK_LISTS
};

#define PACK_VERSION   1
#define PACK_RECENT    8  /* entries of a list that are looked through */
#define PACK_FATE_SIZE 64 /* room for the bytes of a fate */

/* Rows on their way into bytes. Start from {0}, end with packer_free(). */
struct packer {
	struct buf lists[PACK_LISTS], summary;
	uint32_t counts[PACK_LISTS];
	const struct measurement *recent_sources[PACK_RECENT];
	const struct measurement *recent_targets[PACK_RECENT];
	uint32_t source_of[PACK_RECENT]; /* of the recent targets */
	uint8_t recent_fates[PACK_RECENT][PACK_FATE_SIZE];
	size_t fate_sizes[PACK_RECENT];
	int64_t last_at_ms, last_n;
	uint8_t outcomes;
};

/* Add a row; `n` is its number in the report. It is borrowed until
 * packer_finish(). Bytes are fewest where rows of one target are neighbours. */
void packer_add(
    struct packer *packer, const struct measurement *row, uint32_t n);

/* Append the bytes and the summary; the packer is then ready for the next
 * report. Memory that ran out shows as `failed`. */
void packer_finish(
    struct packer *packer, struct buf *bytes, struct buf *summary);
void packer_free(struct packer *packer);

/* Whether rows that pass the filter may be in a pack of this summary. */
bool pack_may_hold(
    const uint8_t *summary, size_t length, const struct row_filter *filter);

#endif
