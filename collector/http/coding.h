/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_CODING_H
#define EGRESS25_COLLECTOR_HTTP_CODING_H

/* Content codings of replies (RFC 9110, 8.4): which one the client wants, and
 * doing it. Pure. */

#include "collector/http/request.h"

#define CODING_LEAST 1024 /* bytes; shorter content is sent as it is */

enum coding { CODING_NONE, CODING_GZIP, CODING_ZSTD, CODING_COUNT };

/* "gzip"; NULL of CODING_NONE. */
const char *coding_word(enum coding coding);

/* What Accept-Encoding weighs most (12.5.3), of equal ones what costs least;
 * CODING_NONE without the field, or if it weighs `identity` more. */
enum coding coding_choose(const struct request *request);

/* The same where gzip alone is at hand. */
enum coding coding_choose_gzip(const struct request *request);

/* Append the content in that coding, which is not CODING_NONE. Out of memory
 * shows as `out->failed`. */
void coding_apply(
    enum coding coding, const void *content, size_t length, struct buf *out);

#endif
