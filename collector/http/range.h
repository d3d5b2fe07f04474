/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_RANGE_H
#define EGRESS25_COLLECTOR_HTTP_RANGE_H

/* How much of a file a request wants (RFC 9110, 13 and 14). Pure. */

#include <stdint.h>

#include "collector/http/request.h"

/* The file as it is now. */
struct range_file {
	const char *etag; /* a strong one, with its quotes */
	int64_t bytes, modified_ms;
};

enum range_choice {
	RANGE_WHOLE, /* 200: also where several ranges are asked for */
	RANGE_PART,  /* 206 */
	RANGE_KNOWN, /* 304: the client has it */
	RANGE_NONE   /* 416: it begins behind the end */
};

/* Set *first and *length to the bytes to send; of a file that the client has,
 * or has no such bytes, to none. */
enum range_choice range_choose(const struct request *request,
    const struct range_file *file, int64_t *first, int64_t *length);

#endif
