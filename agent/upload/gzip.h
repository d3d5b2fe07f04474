/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_UPLOAD_GZIP_H
#define EGRESS25_AGENT_UPLOAD_GZIP_H

#include "lib/base/buf.h"

/* Compress `bytes` and append the result to `out` (RFC 1952). False: no
 * memory. */
bool gzip_append(struct buf *out, const char *bytes, size_t length);

#endif
