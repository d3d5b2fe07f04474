/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_REMOVAL_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_REMOVAL_H

/* Days that are too old to be offered any longer (`[dumps] keep`), and what is
 * unfinished. */

#include <stdint.h>

#include "lib/base/err.h"

/* Remove the folders of the days that begin before `day_ms`, each version of
 * them, from the directory: a day is gone as a whole, then its month and year
 * if nothing is left of them. What a removal that broke off has left goes, too.
 * A folder in which there is anything that no dump writes stays as it is, and
 * the log says so. The caller holds the directory's lock. 0 or -errno. */
int dump_removal(const char *directory, int64_t day_ms, struct err *err);

/* Remove a folder and the files in it: what an interrupted dump left, or one
 * that is not wanted. 0, also where there is none, or -errno. */
int dump_removal_of_folder(const char *path);

#endif
