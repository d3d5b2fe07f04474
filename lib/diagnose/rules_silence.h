/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_SILENCE_H
#define EGRESS25_LIB_DIAGNOSE_RULES_SILENCE_H

/* Rules for SYNs that nothing answers. */

#include "lib/diagnose/view.h"

/* Attempts passed, then many vanish, and the path ends before others' do. */
rule rule_cut_off;
/* Some attempts pass and others do not, far more than on a control, at two
 * endpoints. */
rule rule_throttle;

/* The first router has no route over this family. */
rule rule_no_family;
/* Nothing answers over this family, no router beyond the first either. */
rule rule_offline;
/* Routers behind the break answer other ports' packets, and never this
 * one's. */
rule rule_path_break;
/* The same, where the endpoint's own site may be, which nothing else clears. */
rule rule_far_break;
/* The last hop before the endpoint answers on this port: the replies are
 * dropped, or the endpoint does not serve it. */
rule rule_far_end;
/* It is served, and silent at two owners' endpoints, whose other ports
 * answer. */
rule rule_vanishes;
/* No port of the address answers, and the trace reaches its last hop. */
rule rule_down;
/* Always decides: unknown, and what would tell. */
rule rule_no_control;

#endif
