/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_REQUEST_DEADLINE_H
#define EGRESS25_COLLECTOR_HTTP_REQUEST_DEADLINE_H

/*
 * How long a client may take to send a whole request, whatever it does
 * meanwhile: a byte a second is no reason to wait on. By the number of the
 * connection's socket; one that is late is shut down, which whoever reads it
 * sees as its end. A number that was closed and is another connection's now
 * does no harm. Of one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct patience;

/* For sockets numbered below `size`; others are waited for without end. NULL:
 * out of memory. */
struct patience *patience_new(size_t size);
void patience_free(struct patience *patience); /* NULL is allowed */

/* From `now_us` (clock_mono_us()) on a request is awaited. */
void patience_begin(struct patience *patience, int fd, int64_t now_us);

/* It is whole: no hurry until its answer is sent. */
void patience_end(struct patience *patience, int fd);

/* Shut down those that are awaited since `since_us` or longer, `most` of them,
 * the oldest first. How many. */
size_t patience_shut(struct patience *patience, int64_t since_us, size_t most);

#endif
