/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_NETWORK_CURSOR_H
#define EGRESS25_COLLECTOR_ROUTES_NETWORK_CURSOR_H

/* The cursor of lists by AS, family and port: the key of the row before, as
 * "64500.4.25". */

#include "collector/api/query.h"
#include "lib/base/err.h"

/* 0, or -EINVAL: it is no such cursor. */
int network_cursor_read(
    const char *cursor, struct query_key *key, struct err *err);

void network_cursor_write(
    const struct query_key *key, char cursor[ROW_CURSOR_SIZE]);

#endif
