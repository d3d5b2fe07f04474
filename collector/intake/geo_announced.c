/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/geo_announced.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake/geo_record.h"
#include "lib/base/array.h"

#define CACHE 4096 /* records that were read */

/* --- which country --- */

/* The place of a country among all pairs of letters, or -1. */
static int place_of(const char *country)
{
	if (country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
	    country[1] > 'Z')
		return -1;
	return (country[0] - 'A') * GEO_LETTERS + country[1] - 'A';
}

int64_t geo_announced_in(
    const struct geo_announced *counts, uint8_t family, const char country[3])
{
	int place = place_of(country);

	return counts->is_known && place >= 0 ? counts->ases[family == 6][place]
					      : -1;
}

/* --- a place in a tree --- */

struct place {
	const MMDB_s *db;
	uint8_t type; /* MMDB_RECORD_TYPE_... */
	uint64_t node;
	MMDB_entry_s entry;
};

static struct place root_of(const MMDB_s *db)
{
	return (struct place){.db = db, .type = MMDB_RECORD_TYPE_SEARCH_NODE};
}

/* One bit further; what a record covers, it covers there too. */
static struct place below(const struct place *place, int bit)
{
	struct place next = *place;
	MMDB_search_node_s node;

	if (place->type != MMDB_RECORD_TYPE_SEARCH_NODE)
		return next;
	if (MMDB_read_node(place->db, (uint32_t)place->node, &node) !=
	    MMDB_SUCCESS) {
		next.type = MMDB_RECORD_TYPE_INVALID;
		return next;
	}
	next.type = bit ? node.right_record_type : node.left_record_type;
	next.node = bit ? node.right_record : node.left_record;
	next.entry = bit ? node.right_record_entry : node.left_record_entry;
	return next;
}

/* --- the walk --- */

struct walk {
	uint64_t *pairs; /* owned: a country and an AS each */
	size_t count;
	int family;
	bool failed;
	struct cached {
		uint32_t offset, value; /* of a record; value + 1 */
	} asns[CACHE], countries[CACHE];
};

static uint32_t read_asn(MMDB_entry_s *entry)
{
	struct geo_found found = {0};

	geo_record_asn(entry, &found);
	return found.asn;
}

/* The country's place + 1. */
static uint32_t read_country(MMDB_entry_s *entry)
{
	struct geo_found found = {0};

	geo_record_country(entry, &found);
	return (uint32_t)(place_of(found.country) + 1);
}

/* Many addresses share a record. */
static uint32_t cached(struct cached *cache, const struct place *place,
    uint32_t (*read)(MMDB_entry_s *entry))
{
	MMDB_entry_s entry = place->entry;
	struct cached *at = &cache[entry.offset * 2654435761u >> 20];

	if (at->value != 0 && at->offset == entry.offset)
		return at->value - 1;
	at->offset = entry.offset;
	at->value = read(&entry) + 1;
	return at->value - 1;
}

static void add(
    struct walk *walk, const struct place *asn, const struct place *country)
{
	uint64_t pair;
	uint32_t number = cached(walk->asns, asn, read_asn);
	uint32_t place = cached(walk->countries, country, read_country);
	uint64_t *grown;

	if (number == 0 || place == 0)
		return;
	pair = (uint64_t)(place - 1) << 32 | number;
	if (walk->count > 0 && walk->pairs[walk->count - 1] == pair)
		return;
	grown = array_grow(walk->pairs, walk->count, sizeof(*grown));
	if (grown == NULL) {
		walk->failed = true;
		return;
	}
	walk->pairs = grown;
	grown[walk->count++] = pair;
}

/* 6to4 and Teredo are IPv4 once more. */
static bool is_other_tree(const struct walk *walk, uint32_t bits, int depth)
{
	return walk->family == 6 && ((depth == 16 && bits == 0x2002) ||
					(depth == 32 && bits == 0x20010000));
}

/* `bits` are the first 32 of the address, as far as they go. */
static void visit(struct walk *walk, const struct place *asn,
    const struct place *country, uint32_t bits, int depth)
{
	struct place asn_below, country_below;
	int bit;

	if (walk->failed || depth > 128 || is_other_tree(walk, bits, depth))
		return;
	if (asn->type == MMDB_RECORD_TYPE_DATA &&
	    country->type == MMDB_RECORD_TYPE_DATA) {
		add(walk, asn, country);
		return;
	}
	for (bit = 0; bit < 2; bit++) {
		asn_below = below(asn, bit);
		country_below = below(country, bit);
		if (asn_below.type != MMDB_RECORD_TYPE_SEARCH_NODE &&
		    asn_below.type != MMDB_RECORD_TYPE_DATA)
			continue;
		if (country_below.type != MMDB_RECORD_TYPE_SEARCH_NODE &&
		    country_below.type != MMDB_RECORD_TYPE_DATA)
			continue;
		visit(walk, &asn_below, &country_below,
		    depth < 32 ? bits << 1 | (uint32_t)bit : bits, depth + 1);
	}
}

/* Where the family's addresses begin; of IPv6 those that are given out,
 * 2000::/3. */
static struct place start_of(const MMDB_s *db, int family)
{
	struct place place = root_of(db);
	int i;

	if (family == 4)
		for (i = 0; i < 96 && db->metadata.ip_version == 6; i++)
			place = below(&place, 0);
	else if (db->metadata.ip_version == 6)
		for (i = 0; i < 3; i++)
			place = below(&place, i == 2);
	else
		place.type = MMDB_RECORD_TYPE_EMPTY;
	return place;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static int count_family(struct walk *walk, const MMDB_s *asns,
    const MMDB_s *countries, struct geo_announced *counts)
{
	struct place asn = start_of(asns, walk->family);
	struct place country = start_of(countries, walk->family);
	int32_t *ases = counts->ases[walk->family == 6];
	size_t i;

	walk->count = 0;
	if (asn.type == MMDB_RECORD_TYPE_SEARCH_NODE ||
	    asn.type == MMDB_RECORD_TYPE_DATA)
		visit(walk, &asn, &country, walk->family == 6,
		    walk->family == 6 ? 3 : 0);
	if (walk->failed)
		return -ENOMEM;
	if (walk->count > 0)
		qsort(walk->pairs, walk->count, sizeof(*walk->pairs), compare);
	for (i = 0; i < walk->count; i++)
		if (i == 0 || walk->pairs[i] != walk->pairs[i - 1])
			ases[walk->pairs[i] >> 32]++;
	return 0;
}

int geo_announced_count(
    const MMDB_s *asns, const MMDB_s *countries, struct geo_announced *counts)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	int error = -ENOMEM;

	memset(counts, 0, sizeof(*counts));
	if (walk != NULL) {
		walk->family = 4;
		error = count_family(walk, asns, countries, counts);
	}
	if (error == 0) {
		walk->family = 6;
		error = count_family(walk, asns, countries, counts);
	}
	if (walk != NULL)
		free(walk->pairs);
	free(walk);
	counts->is_known = error == 0;
	return error;
}
