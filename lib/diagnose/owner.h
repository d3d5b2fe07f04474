/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_OWNER_H
#define EGRESS25_LIB_DIAGNOSE_OWNER_H

#include "lib/report/endpoint_known.h"
#include "lib/report/observe.h"

/*
 * True if two targets surely are run by different people, so that what both
 * show is not the doing of one of them. Endpoint name, host name and address
 * must all differ. Hosts of one domain in one subnet (/29 or /64) count as one
 * owner's: a pool of servers behind one firewall has many names and addresses.
 */
bool owner_differs(const struct target_seen *a, const struct target_seen *b);

/*
 * The same of two beacons, whose agreement accuses networks: their networks
 * must differ as well, since one middlebox may stand before all that a hoster
 * has, and so must the domains of their hosts and the keys that sign. One
 * prefix (/24 or /48) is one network, and so is one AS, where both are known.
 */
bool owner_differs_of_beacons(const struct target_seen *a,
    const struct endpoint_known *known_a, const struct target_seen *b,
    const struct endpoint_known *known_b);

/* Addresses as near to each other as a customer's own are. */
bool owner_is_in_one_subnet(const struct addr *a, const struct addr *b);

/* The same, but of addresses that share 96 bits, as all behind a NAT64 do, by
 * the IPv4 address that is in the rest. */
bool owner_is_neighbour(const struct addr *a, const struct addr *b);

/* Addresses that are on one link, by all that they tell: no router need stand
 * between them. Private networks are larger than those that are given out. */
bool owner_is_on_one_link(const struct addr *a, const struct addr *b);

#endif
