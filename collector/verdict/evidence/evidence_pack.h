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

/* Which of the packed rows are wanted: those in the window of `now_ms`, before
 * `until_day`, and, unless it keeps them, none that begins after `now_ms`. */
struct evidence_wanted {
	int64_t now_ms;
	int32_t until_day; /* INT32_MAX: no end */
	bool keeps;
};

/* Begin `evidence` with the rows that were packed and are wanted. More can be
 * added before evidence_end() or evidence_sum(). 0, -ENOMEM, or -EINVAL: these
 * are no such bytes. */
int evidence_unpack(struct evidence *evidence, const uint8_t *bytes,
    size_t length, const struct evidence_wanted *wanted);

/* Call `visit` with each agent that had a row when the bytes were packed;
 * anything but 0 ends it. 0, -EINVAL as above, or what `visit` returned. */
int evidence_packed_agents(const uint8_t *bytes, size_t length,
    int (*visit)(void *arg, const char *agent), void *arg);

#endif
