/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/day.h"

#define NETWORKS_MAX  64   /* remembered for each endpoint */
#define ENDPOINTS_MAX 4096 /* as many as a list of endpoints may have */
#define OFFERS_SHARE  4    /* networks that saw it, for one that did not */
#define WINDOW_MS     (7 * DAY_MS)

struct baseline_network {
	uint32_t asn;
	int64_t offered_ms, missing_ms; /* when it was last so; 0: never */
};

struct baseline_endpoint {
	char name[ROW_ENDPOINT_SIZE];
	struct baseline_network networks[NETWORKS_MAX];
	size_t count;
	int64_t heard_ms; /* of the latest row */
};

static int64_t last_ms(const struct baseline_network *seen)
{
	return seen->offered_ms > seen->missing_ms ? seen->offered_ms
						   : seen->missing_ms;
}

/* A place for one more endpoint; if there is no room, that of the one that was
 * not heard of for longest. NULL: out of memory. */
static struct baseline_endpoint *make_place(struct baseline *baseline)
{
	struct baseline_endpoint *oldest = baseline->endpoints, *grown;
	size_t i, capacity = baseline->capacity;

	if (baseline->count == capacity && capacity < ENDPOINTS_MAX) {
		capacity = capacity == 0 ? 16 : 2 * capacity;
		grown = realloc(baseline->endpoints, capacity * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		baseline->endpoints = grown;
		baseline->capacity = capacity;
	}
	if (baseline->count < ENDPOINTS_MAX)
		return &baseline->endpoints[baseline->count++];
	for (i = 1; i < baseline->count; i++)
		if (baseline->endpoints[i].heard_ms < oldest->heard_ms)
			oldest = &baseline->endpoints[i];
	return oldest;
}

static struct baseline_endpoint *find_or_add(
    struct baseline *baseline, const char *name)
{
	struct baseline_endpoint *place;
	size_t i;

	for (i = 0; i < baseline->count; i++)
		if (strcmp(baseline->endpoints[i].name, name) == 0)
			return &baseline->endpoints[i];
	place = make_place(baseline);
	if (place == NULL)
		return NULL;
	memset(place, 0, sizeof(*place));
	memcpy(place->name, name, sizeof(place->name));
	return place;
}

/* Find the network or add it; if there is no room, it replaces the one that was
 * not heard from for longest. */
static struct baseline_network *network_of(
    struct baseline_endpoint *endpoint, uint32_t asn)
{
	struct baseline_network *oldest = &endpoint->networks[0];
	size_t i;

	for (i = 0; i < endpoint->count; i++) {
		if (endpoint->networks[i].asn == asn)
			return &endpoint->networks[i];
		if (last_ms(&endpoint->networks[i]) < last_ms(oldest))
			oldest = &endpoint->networks[i];
	}
	if (endpoint->count < NETWORKS_MAX)
		oldest = &endpoint->networks[endpoint->count++];
	memset(oldest, 0, sizeof(*oldest));
	oldest->asn = asn;
	return oldest;
}

/* Did the dialogue go through, with STARTTLS or without? */
static bool is_evidence(const struct measurement *row)
{
	return row->listed && row->attributed && row->asn != 0 &&
	       row->mode == MODE_STARTTLS &&
	       row->outcome == OUTCOME_REACHABLE &&
	       row->mechanism == MECHANISM_OPEN;
}

int baseline_add(struct baseline *baseline, const struct measurement *row)
{
	struct baseline_endpoint *endpoint;
	struct baseline_network *seen;
	int64_t *at_ms;

	if (!is_evidence(row))
		return 0;
	endpoint = find_or_add(baseline, row->endpoint);
	if (endpoint == NULL)
		return -ENOMEM;
	seen = network_of(endpoint, row->asn);
	at_ms = row->tls_version[0] != '\0' ? &seen->offered_ms
					    : &seen->missing_ms;
	if (*at_ms < row->at_ms)
		*at_ms = row->at_ms;
	if (endpoint->heard_ms < row->at_ms)
		endpoint->heard_ms = row->at_ms;
	return 0;
}

static bool offers(const struct baseline_endpoint *endpoint, int64_t now_ms)
{
	size_t i, offered = 0, missing = 0;

	for (i = 0; i < endpoint->count; i++) {
		const struct baseline_network *seen = &endpoint->networks[i];

		if (last_ms(seen) <= now_ms - WINDOW_MS)
			continue;
		if (seen->offered_ms > seen->missing_ms)
			offered++;
		else
			missing++;
	}
	return offered >= BASELINE_NETWORKS_LEAST &&
	       offered >= OFFERS_SHARE * missing;
}

int baseline_list(const struct baseline *baseline, int64_t now_ms,
    struct baseline_names *names)
{
	size_t i;

	names->count = 0;
	names->names = malloc((baseline->count + 1) * sizeof(*names->names));
	if (names->names == NULL)
		return -ENOMEM;
	for (i = 0; i < baseline->count; i++)
		if (offers(&baseline->endpoints[i], now_ms))
			memcpy(names->names[names->count++],
			    baseline->endpoints[i].name, ROW_ENDPOINT_SIZE);
	return 0;
}

bool baseline_has(const struct baseline_names *names, const char *endpoint)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (strcmp(names->names[i], endpoint) == 0)
			return true;
	return false;
}

void baseline_free(struct baseline *baseline)
{
	free(baseline->endpoints);
	memset(baseline, 0, sizeof(*baseline));
}
