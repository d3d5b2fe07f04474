/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/body.h"

#include <errno.h>
#include <strings.h>

#include "collector/base/gunzip.h"

int body_decode(const struct request *request, size_t most, struct buf *out,
    struct err *err)
{
	const char *encoding = request_header(request, "Content-Encoding");

	if (encoding != NULL && strcasecmp(encoding, "gzip") != 0 &&
	    strcasecmp(encoding, "x-gzip") != 0) { /* RFC 9110, 8.4.1.3 */
		err_input(
		    err, "the encoding \"%.40s\" is not understood", encoding);
		return -EOPNOTSUPP;
	}
	if (request->body_length > most) {
		err_input(err, "over %zu bytes", most);
		return -E2BIG;
	}
	if (encoding != NULL)
		return gunzip(
		    request->body, request->body_length, most, out, err);
	buf_append(out, request->body, request->body_length);
	return out->failed ? err_system(err, -ENOMEM, "a request's body") : 0;
}
