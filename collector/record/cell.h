/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_CELL_H
#define EGRESS25_COLLECTOR_RECORD_CELL_H

/* The value of one field of a row, whatever its type: what all formats are made
 * of. Pure. */

#include <stdint.h>

#include "collector/record/column_type.h"
#include "collector/record/network.h"
#include "lib/base/addr.h"

enum cell_kind {
	CELL_ABSENT,
	CELL_TEXT,
	CELL_INTEGER,
	CELL_DECIMAL,
	CELL_BOOL,
	CELL_TIME, /* `integer`: ms since 1970 */
};

struct cell {
	enum cell_kind kind;
	const char *text; /* plain; borrowed from the row, a literal, or: */
	char address[ADDR_TEXT_SIZE];
	char plain[NETWORK_BECAUSE_SIZE]; /* the longest */
	int64_t integer;
	double decimal;
	int digits; /* of a decimal, after the point */
};

/* Read a field. */
void cell_load(const struct column *column, const void *row, struct cell *cell);

#endif
