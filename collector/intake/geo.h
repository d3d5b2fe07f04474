/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_GEO_H
#define EGRESS25_COLLECTOR_INTAKE_GEO_H

/*
 * The network and country of an address, from two MaxMind DB files; the field
 * names of GeoLite2, DB-IP and iptoasn builds are all known. Files are read
 * into memory, so that replacing, truncating or overwriting one in use does no
 * harm. geo_refresh() loads a file that changed; if the new one is broken, the
 * old one stays in use, and the log says so.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collector/intake/geo_found.h"
#include "lib/base/addr.h"
#include "lib/base/err.h"

struct geo;

/* Load the files; "" is no file, and leaves its half unknown. 0 or -errno, with
 * a sentence that names the file. End with geo_close(). */
int geo_open(const char *asn_path, const char *country_path, struct geo **geo,
    struct err *err);

/* NULL is allowed. */
void geo_close(struct geo *geo);

/* Load again each file whose time or size changed. From one thread only. */
void geo_refresh(struct geo *geo);

/* Are both files there, and in use as they were at the last geo_refresh()? From
 * the thread of geo_refresh(). */
bool geo_is_sound(const struct geo *geo);

/* How many networks of that family the country has: ASes with an address there
 * by both files, counted once for each. -1: not known. From any thread. */
int64_t geo_networks_in(struct geo *geo, uint8_t family, const char country[3]);

/* Look up an address; unknown fields are 0 and "". From any thread. */
void geo_lookup(
    struct geo *geo, const struct addr *addr, struct geo_found *found);

#endif
