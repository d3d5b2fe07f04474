/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_DUMP_NAME_H
#define EGRESS25_COLLECTOR_API_DUMP_NAME_H

/* Where a dump is below the directory of all: YYYY/MM/DD/FILE, a later version
 * of the same day in YYYY/MM/DD.V/. No other name is one. Pure. */

#include <stdbool.h>

#define DUMP_NAME_PATH 96

struct dump_name {
	/* "": it does not go that deep. */
	char year[5], month[3], day[7];
	char file[64];
};

/* How deep it goes; the names above it have to be right. */
enum dump_depth { DUMP_ALL, DUMP_YEAR, DUMP_MONTH, DUMP_DAY, DUMP_FILE };

enum dump_depth dump_name_depth(const struct dump_name *name);

/* Set what is at that depth. False: it cannot be a name there. */
bool dump_name_set(
    struct dump_name *name, enum dump_depth depth, const char *text);

/* 1 of "25", 2 of "25.2". */
int dump_name_version(const struct dump_name *name);

/* "2026/11/25.2/networks.parquet"; of a folder with a '/' at its end, of all
 * "". Returns `path`. */
const char *dump_name_path(
    const struct dump_name *name, char path[DUMP_NAME_PATH]);

/* By day, and those of a day by version; files by their name. */
int dump_name_compare(const void *a, const void *b);

#endif
