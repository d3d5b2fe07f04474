/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_STATEFILE_H
#define EGRESS25_AGENT_BASE_STATEFILE_H

/*
 * The state directory and the small files in it, which are read and replaced
 * as a whole. Whoever may write there cannot lead another reader or writer,
 * root above all, elsewhere or make it wait: every name is looked up in the
 * directory as it was opened and checked once, no link is followed, and what is
 * no regular file is refused. Errors name the file.
 */

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* An open directory; `fd` -1: closed. */
struct state_directory {
	int fd;
	char path[256]; /* for messages */
};

/* Open the directory at `path`; `make`: with mode 0700 if it is missing. It
 * must belong to this process's user, or, for root, to anybody, and only its
 * owner may write to it; a link to it must be this user's or root's. 0;
 * -EINVAL: it is not such; another -errno. On failure it is closed. */
int statefile_open(const char *path, bool make, struct state_directory *state,
    struct err *err);
void statefile_close(struct state_directory *state);

/* Append the whole of STATE/NAME to `out`. 0; -ENOENT: no such file; -EINVAL:
 * a link, no regular file, or one that somebody else planted; -EFBIG: longer
 * than `most` bytes; another -errno. */
int statefile_read(const struct state_directory *state, const char *name,
    size_t most, struct buf *out, struct err *err);

/* Replace STATE/NAME atomically with `text`; synced to disk when this returns
 * 0. The new file is the directory's owner's. -ENOMEM if `text->failed`; else
 * -errno. */
int statefile_write(const struct state_directory *state, const char *name,
    const struct buf *text, struct err *err);

/* The same for a descriptor of a directory: a regular file of at most `most`
 * bytes, which is appended to `out`. 0 or -errno. */
int statefile_read_at(
    int directory, const char *name, size_t most, struct buf *out);

/* Open a directory in `parent`, or make it with mode 0700, the parent's
 * owner's. Links are not followed. Returns the descriptor, or -errno; -EPERM:
 * it is another user's, or others may write to it. */
int statefile_open_subdirectory(int parent, const char *name);

#endif
