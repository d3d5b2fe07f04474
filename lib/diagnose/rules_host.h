/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_HOST_H
#define EGRESS25_LIB_DIAGNOSE_RULES_HOST_H

/* Rules for what does not leave this host. */

#include "lib/diagnose/view.h"

/* There is no address to try. */
rule rule_unresolved;
/* No route to the address; or, twice, none for this port alone. */
rule rule_no_route;
/* EACCES or EPERM without an ICMP error. */
rule rule_denied;
/* Every retransmission of its SYN failed inside this host. */
rule rule_host_drops;
/* Refused, and the RST came over this host's loopback interface. */
rule rule_host_refuses;
/* Every port of every endpoint is answered at TTL 1, and this one is refused
 * or broken off there. */
rule rule_translator;

#endif
