/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_API_ROUTE_H
#define EGRESS25_COLLECTOR_API_ROUTE_H

/*
 * A route of the API: where it is, what it takes, what it answers, who makes
 * the answer. What is not in a table of routes does not exist: requests are
 * routed and refused by it, and /openapi.json is written from it. Pure.
 */

#include "collector/api/query_parse.h"
#include "collector/api/shape.h"
#include "collector/http/reply.h"

struct deferred_reply; /* threads/dispatch.h */

/* A handler of POST: makes the reply and returns NULL, or returns what the
 * writer has to do first. */
typedef struct deferred_reply *post_handler(
    struct server *server, const struct request *request, struct reply *reply);

struct route {
	/* "/v1/networks/{asn}": a segment in braces is a parameter. NULL ends a
	 * table. */
	const char *path;
	const char *summary;
	unsigned parameters; /* of the query string: enum query_parameter */
	unsigned required;   /* of those */
	unsigned single;     /* of those that are lists: one value alone */
	/* Of the answer, a JSON object; NULL: it is none, but of `media`. */
	const struct shape *answer;
	const char *media;
	/* The rows of a list, where `format` may be jsonl or csv, and with
	 * QUERY_LAYOUT parquet. */
	const struct shape *row;
	const struct column *columns;
	const struct shape *body; /* of a POST */
	/* `get` does not wait for the disk and makes no stream: it runs on the
	 * loop's thread. */
	bool is_quick;
	bool is_scan;   /* `get` may read much, of the store or of files */
	bool is_file;   /* of which ranges are sent */
	bool is_signed; /* for agents; not for pages of other sites */
	request_handler *get;
	post_handler *post;
};

struct route_table {
	const struct route *routes;
	/* For all other paths, with any method; quick. */
	request_handler *other;
	bool is_public; /* pages of other sites may read it */
};

/* The route of that path, or NULL. */
const struct route *route_find(
    const struct route_table *table, const char *path);

/* Read the parameters of a request to the route. 0 or -EINVAL. */
int route_read(const struct route *route, const struct request *request,
    struct query *query, struct query_error *error);

/* The query of a request that was routed: its parameters were read before, and
 * are right. */
void route_query(const struct request *request, struct query *query);

/* "GET, HEAD, OPTIONS" */
const char *route_methods(const struct route *route);

#endif
