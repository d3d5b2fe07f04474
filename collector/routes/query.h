/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_QUERY_H
#define EGRESS25_COLLECTOR_ROUTES_QUERY_H

/*
 * Query strings of the API (contract, section 5). A parameter that is unknown
 * or wrong is an error that names it; it is never ignored. Pure.
 */

#include "collector/http/reply.h"
#include "collector/record/filter.h"
#include "collector/record/format.h"

/* Which parameters a route takes, as bits. */
enum query_parameter {
	QUERY_ASN = 1 << 0,
	QUERY_COUNTRY = 1 << 1,
	QUERY_FAMILY = 1 << 2,
	QUERY_PORT = 1 << 3,
	QUERY_STATE = 1 << 4,
	QUERY_OUTCOME = 1 << 5,
	QUERY_SINCE = 1 << 6,
	QUERY_UNTIL = 1 << 7,
	QUERY_LIMIT = 1 << 8,
	QUERY_CURSOR = 1 << 9,
	QUERY_FORMAT = 1 << 10,
};

#define QUERY_LIMIT_DEFAULT 100
#define QUERY_LIMIT_MAX     1000

struct query {
	unsigned given; /* enum query_parameter */
	uint32_t asn;
	char country[3]; /* upper case */
	uint8_t family;
	uint16_t port;
	int state;   /* enum network_state, or -1 */
	int outcome; /* enum outcome, or -1 */
	int64_t since_ms, until_ms;
	size_t limit;
	char cursor[ROW_CURSOR_SIZE];
	enum format format;
};

struct query_error {
	char field[32];
	char message[160];
};

/* Parse `text`, what follows the '?' (NULL: nothing). 0 or -EINVAL. */
int query_parse(const char *text, unsigned allowed, struct query *query,
    struct query_error *error);

/* Parse a request's query. False: it is wrong, and the reply is 400. */
bool query_read(const struct request *request, unsigned allowed,
    struct query *query, struct reply *reply);

/* Set `filter` to what the store can select by. */
void query_to_filter(const struct query *query, struct row_filter *filter);

#endif
