/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_ROW_CURSOR_H
#define EGRESS25_COLLECTOR_RECORD_ROW_CURSOR_H

/*
 * Where a list of rows goes on: behind row `n` of a report, "at.report.n". It
 * is a key: it means the same in each store that has the row. It has no agent,
 * since another agent's report of the same id is refused. A list goes by the
 * reports' first rows, and names a report as all do; or by rows, and then the
 * UUID has no '-'. Pure.
 */

#include "collector/record/filter.h"
#include "collector/record/row_id.h"

struct row_cursor {
	int64_t at_ms; /* of the report's first row, or of row `n` */
	uint8_t report[ROW_UUID_BYTES];
	uint32_t n;
};

#define ROW_CURSOR_ALL UINT32_MAX /* n: behind all rows of the report */

/* Read a cursor at `*text`, with the character `end` behind it; `*text` is then
 * behind that. False: it is none, and nothing is changed. */
bool row_cursor_read(
    const char **text, char end, bool by_report, struct row_cursor *cursor);

/* Write it at the end of `text`, which is at most empty or another one and a
 * ','. */
void row_cursor_add(char text[ROW_CURSOR_SIZE], bool by_report,
    const struct row_cursor *cursor);

#endif
