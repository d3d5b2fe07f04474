/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_EVIDENCE_PACK_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_EVIDENCE_PACK_H

/*
 * The rows of a network as bytes, about 8 for a row, so that all networks can
 * be kept in memory. Rows that begin after now are kept, too: they count later.
 *
 *	asn, family, port, first day; then agents, prefixes and endpoints, each
 *	as a count and the names; then the rows in the order of evidence_sum():
 *	codes and flags; line, day and prefix if one of them is not that of the
 *	row before; endpoint; count if not 1; first time in the day; how much
 *	later the last one was if it was; the ASes between which it stops, if
 *known
 *
 * Pure.
 */

#include "collector/verdict/evidence/evidence.h"
#include "lib/base/buf.h"

/* Append the bytes of evidence that evidence_sum() has seen. Memory that ran
 * out shows as `to->failed`. */
void evidence_pack(const struct evidence *evidence, struct buf *to);

/*
 * Begin `evidence` with the rows that were packed, but those before the window
 * of `now_ms` and, unless it keeps them, those that begin after it. More can be
 * added before evidence_end() or evidence_sum(). 0, -ENOMEM, or -EINVAL: these
 * are no such bytes.
 */
int evidence_unpack(struct evidence *evidence, const uint8_t *bytes,
    size_t length, int64_t now_ms, bool keeps);

#endif
