/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_STATEFILE_H
#define EGRESS25_AGENT_BASE_STATEFILE_H

/* Small files in the state directory, read and replaced as a whole. Errors
 * name the file. */

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Append the whole of STATE/NAME to `out`. 0; -ENOENT: no such file; -EFBIG:
 * longer than `most` bytes; another -errno. */
int statefile_read(const char *state_directory, const char *name, size_t most,
    struct buf *out, struct err *err);

/* Replace STATE/NAME atomically with `text`; synced to disk when this returns
 * 0. -ENOMEM if `text->failed`; else -errno. */
int statefile_write(const char *state_directory, const char *name,
    const struct buf *text, struct err *err);

#endif
