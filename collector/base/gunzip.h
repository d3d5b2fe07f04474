/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_GUNZIP_H
#define EGRESS25_COLLECTOR_BASE_GUNZIP_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Append what is compressed as gzip in `bytes`, which ends with it; at most
 * `most` bytes (-E2BIG). 0, -EINVAL: it is not whole gzip; or -ENOMEM. */
int gunzip(const void *bytes, size_t length, size_t most, struct buf *out,
    struct err *err);

#endif
