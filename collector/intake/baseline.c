/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETWORKS_MAX  64   /* of an endpoint, that are remembered */
#define ENDPOINTS_MAX 4096 /* as many as a list has */
#define OFFERS_SHARE  4    /* so many times more than do not */
#define WINDOW_MS     (INT64_C(7) * 24 * 3600 * 1000)

struct seen_from {
	uint32_t asn;
	int64_t offered_ms, missing_ms; /* last seen so; 0: never */
};

struct baseline_endpoint {
	char name[ROW_ENDPOINT_SIZE];
	struct seen_from networks[NETWORKS_MAX];
	size_t count;
};

static struct baseline_endpoint *find_or_add(
    struct baseline *baseline, const char *name)
{
	struct baseline_endpoint *grown;
	size_t i;

	for (i = 0; i < baseline->count; i++)
		if (strcmp(baseline->endpoints[i].name, name) == 0)
			return &baseline->endpoints[i];
	grown = realloc(baseline->endpoints, (i + 1) * sizeof(*grown));
	if (grown == NULL)
		return NULL;
	baseline->endpoints = grown;
	baseline->count++;
	memset(&grown[i], 0, sizeof(grown[i]));
	memcpy(grown[i].name, name, sizeof(grown[i].name));
	return &grown[i];
}

static int64_t last_ms(const struct seen_from *seen)
{
	return seen->offered_ms > seen->missing_ms ? seen->offered_ms
						   : seen->missing_ms;
}

/* The network's place; the one not heard of for longest makes room. */
static struct seen_from *network_of(
    struct baseline_endpoint *endpoint, uint32_t asn)
{
	struct seen_from *oldest = &endpoint->networks[0];
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

/* A dialogue that went through, with TLS or without. */
static bool is_telling(const struct measurement *row)
{
	return row->attributed && row->asn != 0 && row->mode == MODE_STARTTLS &&
	       row->outcome == OUTCOME_REACHABLE &&
	       row->mechanism == MECHANISM_OPEN;
}

int baseline_see(struct baseline *baseline, const struct measurement *row)
{
	struct baseline_endpoint *endpoint;
	struct seen_from *seen;
	int64_t *at_ms;

	if (!is_telling(row) || (baseline->count >= ENDPOINTS_MAX))
		return 0;
	endpoint = find_or_add(baseline, row->endpoint);
	if (endpoint == NULL)
		return -ENOMEM;
	seen = network_of(endpoint, row->asn);
	at_ms = row->tls_version[0] != '\0' ? &seen->offered_ms
					    : &seen->missing_ms;
	if (*at_ms < row->at_ms)
		*at_ms = row->at_ms;
	return 0;
}

static bool offers(const struct baseline_endpoint *endpoint, int64_t now_ms)
{
	size_t i, offered = 0, missing = 0;

	for (i = 0; i < endpoint->count; i++) {
		const struct seen_from *seen = &endpoint->networks[i];

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
