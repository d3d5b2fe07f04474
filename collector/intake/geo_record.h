/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_GEO_RECORD_H
#define EGRESS25_COLLECTOR_INTAKE_GEO_RECORD_H

/* Records of MaxMind DB files, whoever built them. */

#include <maxminddb.h>

#include "collector/intake/geo_found.h"

/* Read the AS number and the name of its network; what is not there stays as it
 * is. */
void geo_record_asn(MMDB_entry_s *entry, struct geo_found *found);

/* Read the country. */
void geo_record_country(MMDB_entry_s *entry, struct geo_found *found);

#endif
