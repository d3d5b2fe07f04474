/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_TESTS_SUPPORT_ROUTE_WORLD_H
#define EGRESS25_TESTS_SUPPORT_ROUTE_WORLD_H

/*
 * A collector without sockets: a store, a writer, a census and one enrolled
 * agent, so that routes can be asked for replies on the test's thread.
 */

#include "collector/threads/dispatch.h"

struct route_world {
	struct server server;
	struct metrics metrics;
	struct sign_key *key, *other_key; /* the agent's; a stranger's */
	char agent[REPORT_AGENT_SIZE];
};

/* Whose signature the request has: the agent's; the other key's in the agent's
 * name; the other key's to enrol. */
enum route_signer { UNSIGNED, BY_AGENT, FORGED, TO_ENROL };

struct route_question {
	enum request_method method;
	const char *path, *query;
	const char *headers[2][2]; /* names and values */
	enum route_signer signer;
	/* With $AGENT, $NOW, $KEY and $OTHER_KEY (base64), $PROOF (that the
	 * agent may change to the other key). */
	const char *body;
	const char *client; /* NULL: 203.0.113.9; "": absent */
};

/* The collector has `reports` reports of two measurements each, and these
 * endpoints ("": none). Anything that fails, fails the test. */
void route_world_open(struct route_world *world,
    const struct collector_options *options, int reports,
    const char *endpoints);
void route_world_close(struct route_world *world);

/* Ask, and have the writer do what the route wants of it. The status; `text`
 * has the header fields as lines, an empty line, and the content. */
int route_world_ask(struct route_world *world, const struct route_table *table,
    const struct route_question *question, struct buf *text);

#endif
