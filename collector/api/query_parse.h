/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_QUERY_PARSE_H
#define EGRESS25_COLLECTOR_API_QUERY_PARSE_H

/*
 * Query strings of the API (contract, section 5). A parameter that is unknown
 * or wrong is an error that names it; it is never ignored. Pure.
 */

#include "collector/api/query.h"

struct query_error {
	char field[32];
	char message[160];
};

/* Parse `text`, what follows the '?' (NULL: nothing), on top of what the query
 * has. 0 or -EINVAL. */
int query_parse(const char *text, unsigned allowed, struct query *query,
    struct query_error *error);

/* Are these there? 0, or -EINVAL with the name of one that is not. */
int query_require(
    unsigned required, const struct query *query, struct query_error *error);

/* Parse one parameter, percent-encoded, that the path has. 0 or -EINVAL. */
int query_parse_value(const char *name, const char *value, size_t length,
    struct query *query, struct query_error *error);

#endif
