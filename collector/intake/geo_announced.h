/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_GEO_ANNOUNCED_H
#define EGRESS25_COLLECTOR_INTAKE_GEO_ANNOUNCED_H

/* How many networks there are in each country, by the geo data: the ASes that
 * have an address there. An AS with addresses in several countries counts in
 * each. */

#include <maxminddb.h>
#include <stdbool.h>
#include <stdint.h>

#define GEO_LETTERS 26

struct geo_announced {
	bool is_known;
	/* Of IPv4, of IPv6; by the letters of the country. */
	int32_t ases[2][GEO_LETTERS * GEO_LETTERS];
};

/* Count them by walking the trees of both files together, up to some tenths of
 * a second. 0, or -ENOMEM with nothing known. */
int geo_announced_count(
    const MMDB_s *asns, const MMDB_s *countries, struct geo_announced *counts);

/* The ASes of a country, in upper case; -1: not known. */
int64_t geo_announced_in(
    const struct geo_announced *counts, uint8_t family, const char country[3]);

#endif
