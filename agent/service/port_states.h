/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_SERVICE_PORT_STATES_H
#define EGRESS25_AGENT_SERVICE_PORT_STATES_H

/*
 * What is known of this network across rounds: the last diagnosis of each
 * endpoint by family and port, and the state of each family and port that
 * follows from them, with the time since when. The outcomes `unknown` and
 * `endpoint` say nothing about the network and replace nothing.
 */

#include "agent/explain/explain.h"

/* The diagnosis of one endpoint's port over one family; of several addresses
 * the worst. */
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

/* Zero-initialised; end with port_states_free(). */
struct port_states {
	struct port_states_seen *seen; /* owned */
	size_t nseen;
	struct port_states_port *ports; /* owned; by family, then port */
	size_t nports;
};

/* What a round shows about one endpoint. */
struct port_states_news {
	bool turned_away; /* a 4xx or 5xx reply, or refused on every port */
	bool changed;     /* a diagnosis differs from the last one */
};

/* Compare a round with what was known before it, for one endpoint. */
struct port_states_news port_states_compare(const struct port_states *states,
    const struct explain_round *round, const char *endpoint);

/* Merge a round that ended at `now_ms` (wall clock). 0, or -ENOMEM: only part
 * of it was merged. */
int port_states_update(struct port_states *states,
    const struct explain_round *round, int64_t now_ms);

/* Add a diagnosis as it was stored, replacing that of the same endpoint, family
 * and port. 0 or -ENOMEM. */
int port_states_add_seen(
    struct port_states *states, const struct port_states_seen *seen);

/* Add a port's state as it was stored, replacing that of the same family and
 * port. 0 or -ENOMEM. */
int port_states_add_port(
    struct port_states *states, const struct port_states_port *port);

/* Forget that family: the host is on another network there. */
void port_states_forget(struct port_states *states, uint8_t family);

void port_states_free(struct port_states *states);

#endif
