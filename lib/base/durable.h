/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_DURABLE_H
#define EGRESS25_LIB_BASE_DURABLE_H

/*
 * Files that a crash leaves whole: all of the bytes or the file as it was, and
 * a name that stays. Made with mode 0600. All return 0 or -errno; what is
 * unfinished when they fail is removed.
 */

#include <stddef.h>

/* Write all and sync. */
int durable_write(int fd, const void *bytes, size_t length);

/* Sync the directory that `path` is in, so that a new name in it stays. */
int durable_sync_parent(const char *path);

/* Give the file `name` in `directory` (a descriptor, or AT_FDCWD with a path)
 * these bytes, in place of what it held. One writer a file: the bytes are
 * gathered under the name with DURABLE_UNFINISHED behind. */
#define DURABLE_UNFINISHED ".new"
int durable_replace(
    int directory, const char *name, const void *bytes, size_t length);

/* Make the file with these bytes unless it is there already: then -EEXIST, and
 * what is there is synced too. Any number of processes may try. */
int durable_create(const char *path, const void *bytes, size_t length);

#endif
