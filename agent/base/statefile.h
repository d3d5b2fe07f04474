/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_STATEFILE_H
#define EGRESS25_AGENT_BASE_STATEFILE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Small files in the state directory, read and replaced as a whole. Errors
 * name the file. */

/* Append all of STATE/NAME to `out`. -ENOENT: it is not there; -EFBIG: it has
 * more than `most` bytes. */
int statefile_read(const char *state_directory, const char *name, size_t most,
    struct buf *out, struct err *err);

/* Put the text in the place of what is there, on disk when this returns 0.
 * `text->failed` is -ENOMEM. */
int statefile_write(const char *state_directory, const char *name,
    const struct buf *text, struct err *err);

#endif
