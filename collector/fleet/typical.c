/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/typical.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KINDS      4 /* of results, of which the newest is kept */
#define SIZE_LEAST 64

struct kind {
	int64_t at_ms; /* 0: there is none */
	enum outcome outcome;
	enum mechanism mechanism;
	enum where where;
	int after_hop;
	char report[37];
};

struct typical_network {
	uint32_t asn; /* 0: no network */
	uint8_t family;
	uint16_t port;
	struct kind kinds[KINDS];
};

/* Where the network is, or would be. */
static struct typical_network *place_of(
    const struct typical *typical, uint32_t asn, uint8_t family, uint16_t port)
{
	uint64_t hash = ((uint64_t)asn << 24 ^ (uint64_t)port << 8 ^ family) *
			UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) & (typical->size - 1);
	struct typical_network *network = &typical->networks[at];

	while (network->asn != 0 &&
	       (network->asn != asn || network->family != family ||
		   network->port != port)) {
		at = (at + 1) & (typical->size - 1);
		network = &typical->networks[at];
	}
	return network;
}

/* Half of the table stays free. */
static int make_room(struct typical *typical)
{
	struct typical grown = {.count = typical->count};
	size_t i;

	if (typical->count * 2 < typical->size)
		return 0;
	grown.size = typical->size > 0 ? typical->size * 2 : SIZE_LEAST;
	grown.networks = calloc(grown.size, sizeof(*grown.networks));
	if (grown.networks == NULL)
		return -ENOMEM;
	for (i = 0; i < typical->size; i++) {
		const struct typical_network *old = &typical->networks[i];

		if (old->asn != 0)
			*place_of(
			    &grown, old->asn, old->family, old->port) = *old;
	}
	free(typical->networks);
	*typical = grown;
	return 0;
}

static bool is_of_kind(const struct kind *kind, const struct measurement *row)
{
	return kind->at_ms != 0 && kind->outcome == row->outcome &&
	       kind->mechanism == row->mechanism && kind->where == row->where;
}

/* The place of the row's kind; of a new one, that of the oldest. */
static struct kind *kind_of(
    struct typical_network *network, const struct measurement *row)
{
	struct kind *oldest = &network->kinds[0];
	int i;

	for (i = 0; i < KINDS; i++) {
		if (is_of_kind(&network->kinds[i], row))
			return &network->kinds[i];
		if (network->kinds[i].at_ms < oldest->at_ms)
			oldest = &network->kinds[i];
	}
	return oldest;
}

int typical_see(struct typical *typical, const struct measurement *row)
{
	struct typical_network *network;
	struct kind *kind;

	if (!row->attributed || !row->listed || row->asn == 0 ||
	    row->outcome == OUTCOME_COUNT)
		return 0;
	if (make_room(typical) < 0)
		return -ENOMEM;
	network = place_of(typical, row->asn, row->family, row->port);
	typical->count += network->asn == 0;
	network->asn = row->asn;
	network->family = row->family;
	network->port = row->port;
	kind = kind_of(network, row);
	if (kind->at_ms >= row->at_ms)
		return 0;
	*kind = (struct kind){.at_ms = row->at_ms,
	    .outcome = row->outcome,
	    .mechanism = row->mechanism,
	    .where = row->where,
	    .after_hop = row->after_hop};
	memcpy(kind->report, row->id, sizeof(kind->report) - 1);
	return 0;
}

/* The outcome that shows the state; OUTCOME_COUNT: none does. */
static enum outcome outcome_of(enum network_state state)
{
	switch (state) {
	case STATE_OPEN:
		return OUTCOME_REACHABLE;
	case STATE_INTERCEPTED:
		return OUTCOME_INTERCEPTED;
	case STATE_FILTERED:
	case STATE_PARTIAL:
	case STATE_INCONSISTENT:
		return OUTCOME_FILTERED;
	default:
		return OUTCOME_COUNT;
	}
}

static int likeness(
    const struct kind *kind, const struct network_verdict *verdict)
{
	return 2 * (kind->mechanism == verdict->mechanism) +
	       (kind->where == verdict->where);
}

void typical_find(const struct typical *typical,
    const struct network_verdict *verdict, int64_t since_ms,
    struct network_typical *found)
{
	enum outcome outcome = outcome_of(verdict->state);
	const struct typical_network *network;
	const struct kind *best = NULL;
	int i;

	*found = (struct network_typical){"", WHERE_NONE, OBSERVE_ABSENT};
	if (outcome == OUTCOME_COUNT || typical->size == 0)
		return;
	network = place_of(
	    typical, verdict->asn, verdict->family, verdict->port);
	for (i = 0; i < KINDS; i++) {
		const struct kind *kind = &network->kinds[i];
		int more;

		if (kind->at_ms == 0 || kind->at_ms < since_ms ||
		    kind->outcome != outcome)
			continue;
		more = best == NULL
			   ? 1
			   : likeness(kind, verdict) - likeness(best, verdict);
		if (more > 0 || (more == 0 && kind->at_ms > best->at_ms))
			best = kind;
	}
	if (best == NULL)
		return;
	memcpy(found->report, best->report, sizeof(best->report));
	found->where = best->where;
	found->after_hop = best->after_hop;
}

void typical_free(struct typical *typical)
{
	free(typical->networks);
	memset(typical, 0, sizeof(*typical));
}
