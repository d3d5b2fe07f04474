/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PORT_STATES_H
#define EGRESS25_AGENT_SERVICE_PORT_STATES_H

/*
 * What the network looks like from here, kept from round to round: the last
 * telling diagnosis of each endpoint by family and port, and what they come to
 * for each family and port, since when. `unknown` and `endpoint` tell nothing
 * of the network and replace nothing.
 */

#include "agent/explain/explain.h"

/* One endpoint's port over one family; of several addresses the worst. */
struct port_states_seen {
	char endpoint[64];
	uint8_t family;
	uint16_t port;
	enum outcome outcome;
	enum mechanism mechanism;
	int64_t at_ms; /* wall clock */
};

struct port_states_port {
	uint8_t family;
	uint16_t port;
	enum port_state state;
	int64_t since_ms, last_ms; /* wall clock */
};

struct port_states {
	struct port_states_seen *seen; /* owned */
	size_t nseen;
	struct port_states_port *ports; /* owned; by family, then port */
	size_t nports;
};

/* What a round says of one endpoint. */
struct port_states_news {
	bool turned_away; /* a 4xx or 5xx reply, or refused on every port */
	bool changed;     /* otherwise than it was known */
};

/* The word on an endpoint; compares with what was known before the round. */
struct port_states_news port_states_compare(const struct port_states *states,
    const struct explain_round *round, const char *endpoint);

/* Take the round in, at a wall clock time. 0 or -ENOMEM: some of it is not
 * taken in. */
int port_states_update(struct port_states *states,
    const struct explain_round *round, int64_t now_ms);

/* Take in one that was written down. It replaces one of the same endpoint,
 * family and port. 0 or -ENOMEM. */
int port_states_add_seen(
    struct port_states *states, const struct port_states_seen *seen);
int port_states_add_port(
    struct port_states *states, const struct port_states_port *port);

/* Another network: what was seen is of the old one. */
void port_states_clear(struct port_states *states);

void port_states_free(struct port_states *states);

#endif
