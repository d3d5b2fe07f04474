/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_PACKAGE_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_PACKAGE_H

/* datapackage.json of a day's dump (Frictionless Data Package 1.0): each file
 * with its size, its digest and, of a table, what its columns mean. Pure. */

#include <stdint.h>

#include "collector/record/column_type.h"
#include "lib/base/buf.h"

struct dump_file {
	const char *name;  /* "measurements.csv.gz" */
	const char *title; /* what is in it */
	const struct column *columns;
	int64_t bytes, rows;
	char sha256[65]; /* hex digits */
};

/* Append it; `day` is "2026-11-26". */
void dump_package_write(const char *day, const struct dump_file *files,
    size_t count, struct buf *out);

#endif
