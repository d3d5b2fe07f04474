/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_FOLDER_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_FOLDER_H

/*
 * What is in the directory of the dumps, for who reads it: only what has a
 * dump's name (dump_name.h) and is a folder or an ordinary file. No link is
 * followed below the directory, and nothing else is opened.
 */

#include <stddef.h>
#include <stdint.h>

#include "collector/api/dump_name.h"

/* A folder or a file. */
struct dump_entry {
	struct dump_name name; /* first */
	int64_t bytes;
	int64_t modified_ms;
};

/* List what is in that folder, in order; the caller frees *entries. 0, -ENOENT:
 * there is no such folder, or -errno. */
int dump_folder_list(const char *directory, const struct dump_name *folder,
    struct dump_entry **entries, size_t *count);

/* The end of the newest day that is there, in ms since 1970; 0: there is none.
 */
int64_t dump_folder_until_ms(const char *directory);

/* The newest version of the day that begins at `day_ms`: `name` is its
 * folder's. 0: there is none; or -errno. */
int dump_folder_version(
    const char *directory, int64_t day_ms, struct dump_name *name);

/* Open a file to read, and say how large it is. 0, -ENOENT: there is none, or
 * -errno. */
int dump_folder_open(const char *directory, const struct dump_name *name,
    int *fd, struct dump_entry *entry);

/* The tag of an open file's content: of equal files, at whatever collector, it
 * is the same. What is large is known by the day's SHA256SUMS. 0 or -errno. */
int dump_folder_tag(const char *directory, const struct dump_entry *entry,
    int fd, uint64_t *tag);

#endif
