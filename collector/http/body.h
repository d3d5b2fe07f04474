/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_BODY_H
#define EGRESS25_COLLECTOR_HTTP_BODY_H

#include "collector/http/request.h"
#include "lib/base/err.h"

/*
 * Append the decoded body of a request: gunzipped if its Content-Encoding is
 * gzip. At most `most` bytes, however small it was sent (-E2BIG). 0,
 * -EOPNOTSUPP (another encoding), -EINVAL (not valid gzip) or -ENOMEM.
 */
int body_decode(const struct request *request, size_t most, struct buf *out,
    struct err *err);

#endif
