/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_REFUSED_H
#define EGRESS25_LIB_DIAGNOSE_RULES_REFUSED_H

/* Rules for SYNs that are answered by a refusal. */

#include "lib/diagnose/view.h"

/* RST: the endpoint's, or the path's. */
rule rule_refused;
/* ICMP unreachable or prohibited. */
rule rule_unreachable;

#endif
