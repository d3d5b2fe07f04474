/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_REQUEST_HEAD_H
#define EGRESS25_COLLECTOR_HTTP_REQUEST_HEAD_H

/*
 * Where a request ends, read from its bytes before anything else looks at
 * them. A proxy in front reads the same bytes, and the two must agree: where
 * they do not, what the proxy took for a body is answered as another client's
 * request. So only what has one meaning gets through (RFC 9112, 2.2, 5, 6.3
 * and 11.2); the rest is refused, never repaired. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_HEAD_MAX   16384 /* bytes, with the empty line */
#define REQUEST_FIELDS_MAX 100
#define REQUEST_CHUNKED    (-1)

struct request_head {
	size_t length; /* with the empty line at its end */
	int64_t body;  /* its length; 0: there is none; REQUEST_CHUNKED */
	bool is_head;  /* the method is HEAD */
	bool awaits_continue;
};

/* Read the head at the start of `bytes`. 0; -EAGAIN: more bytes are needed; or
 * the status to refuse it with, and in `why` a sentence (a literal). `is_head`
 * is set then too. */
int request_head_read(const char *bytes, size_t length,
    struct request_head *head, const char **why);

/* A body in chunks (RFC 9112, 7.1). Starts zeroed. */
struct request_chunks {
	size_t length;  /* that are whole: as they were sent */
	size_t content; /* what is in them */
};

/* Read on in a body of which `bytes` are all that came so far. No extensions
 * and no trailer fields: nobody needs them, and proxies treat them in different
 * ways. At most `most` bytes of content. 0: it is whole; -EAGAIN; or the status
 * to refuse it with. */
int request_chunks_read(const char *bytes, size_t length, size_t most,
    struct request_chunks *chunks, const char **why);

#endif
