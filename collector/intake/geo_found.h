/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_GEO_FOUND_H
#define EGRESS25_COLLECTOR_INTAKE_GEO_FOUND_H

/* What geo data say of an address. */

#include <stdint.h>

struct geo_found {
	uint32_t asn; /* 0: unknown */
	char network[128];
	char country[3]; /* ISO 3166; "": unknown */
};

#endif
