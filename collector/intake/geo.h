/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_GEO_H
#define EGRESS25_COLLECTOR_INTAKE_GEO_H

/*
 * Which network and country an address belongs to, from two MaxMind DB files.
 * The field names of GeoLite2, DB-IP and iptoasn builds are all understood.
 * The files are copied to memory: one that is replaced, cut or overwritten
 * while it is in use does no harm. One that changed on disk is taken up by the
 * next geo_refresh(); one that is broken is not: the old one stays in use, and
 * the log says so.
 */

#include <stdbool.h>

#include "lib/base/addr.h"
#include "lib/base/err.h"

struct geo;

struct geo_found {
	uint32_t asn; /* 0: unknown */
	char network[128];
	char country[3]; /* "" unknown */
};

/* Either path may be "": then that half is unknown. */
int geo_open(const char *asn_path, const char *country_path, struct geo **geo,
    struct err *err);
void geo_close(struct geo *geo);

/* Look at the files' time and size; open again what changed. From one thread
 * only. */
void geo_refresh(struct geo *geo);

/* Whether the files are there and what geo_refresh() last found in them is in
 * use. From the same thread. */
bool geo_is_sound(const struct geo *geo);

/* Safe from any thread, also beside geo_refresh(). */
void geo_lookup(
    struct geo *geo, const struct addr *addr, struct geo_found *found);

#endif
