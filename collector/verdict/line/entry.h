/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LINE_ENTRY_H
#define EGRESS25_COLLECTOR_VERDICT_LINE_ENTRY_H

/*
 * A day in the log of a line (doc/verdict.md, section 5). Plain data.
 */

#include "collector/verdict/evidence/evidence.h"

#define LINE_SOUND 64 /* endpoints of a day that may show an unsteady line */

/* One day with a row of any kind. Sick endpoints that only failed, and those
 * at odds with the network, are left out. */
struct line_entry {
	int32_t day;
	uint32_t good, bad; /* endpoints that answered, that failed */
	/* INT64_MAX and INT64_MIN where there was none. */
	int64_t first_good_ms, last_good_ms, first_bad_ms, last_bad_ms;
	const struct evidence_day *source; /* borrowed */
	const struct evidence_cell *cells; /* borrowed: of the source */
	uint64_t sound; /* a bit for each of these that is logged */
};

#endif
