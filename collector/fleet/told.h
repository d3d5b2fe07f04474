/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_FLEET_TOLD_H
#define EGRESS25_COLLECTOR_FLEET_TOLD_H

/* What the last event of each network told. Errors as in store.h. */

#include "collector/record/network.h"
#include "collector/store/store_past.h"
#include "collector/verdict/published/events.h"

struct told_network {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	struct events_told last;
	enum network_state from; /* the state before that event */
	int64_t at_ms;
};

/* Start from {0}; end with told_free(). */
struct told {
	struct told_network *list; /* owned, by key */
	size_t count;
};

/* Read it anew. 0 or -errno. */
int told_load(struct told *told, struct store *store, struct err *err);

/* What was told of a network last. */
struct events_told told_of(
    const struct told *told, uint32_t asn, uint8_t family, uint16_t port);

/* Where its lines do not say since when a network is in its state, but its last
 * event is the change from another verdict into it, say that. */
void told_date(const struct told *told, struct network_verdict *verdict);

void told_free(struct told *told);

#endif
