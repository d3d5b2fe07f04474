/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_DURABLE_H
#define EGRESS25_LIB_BASE_DURABLE_H

/*
 * Crash-safe files: after a crash a file has either all of its new bytes or
 * all of its old ones. New files get mode 0600, or the one asked for; what root
 * makes in a directory that is given as a descriptor belongs to that one's
 * owner. No link is followed. All functions return 0 or -errno, and remove
 * their temporary file if they fail.
 */

#include <stddef.h>
#include <sys/types.h>

/* Write all bytes and fsync. */
int durable_write(int fd, const void *bytes, size_t length);

/* Open a new file `name` in `directory` (a descriptor, or AT_FDCWD with a path)
 * for writing; whatever stands there, a link too, makes room for it. A
 * descriptor or -errno. */
int durable_open_new(int directory, const char *name, mode_t mode);

/* Fsync the directory of `path`, which makes a new name in it durable. */
int durable_sync_parent(const char *path);

/* Replace the file `name` in `directory` (a descriptor, or AT_FDCWD with a
 * path), or create it. The bytes are first written to NAME.new, so a file must
 * have a single writer. */
#define DURABLE_UNFINISHED ".new"
int durable_replace(
    int directory, const char *name, const void *bytes, size_t length);

/* Create the file `name` in `directory` with these bytes. -EEXIST if it exists;
 * its name is then made durable all the same. Safe if several processes try at
 * once. */
int durable_create(
    int directory, const char *name, const void *bytes, size_t length);

#endif
