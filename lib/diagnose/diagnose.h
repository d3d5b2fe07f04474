/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_DIAGNOSE_H
#define EGRESS25_LIB_DIAGNOSE_DIAGNOSE_H

/*
 * From what one round saw of one endpoint address to what was done to each of
 * its ports, and after which hop. Pure: the agent calls it for its user, the
 * collector for everyone, and both say the same.
 *
 * The rule under all rules: a port is called filtered only against a control,
 * to the same address in the same round: a port that answered from the
 * endpoint's own distance, or packets to another port that pass routers which
 * this port's never pass. If the evidence does not decide, the outcome is
 * `unknown`. Less evidence never makes a stronger claim: a claim rests on what
 * was seen, not on what is missing from the report.
 */

#include "lib/diagnose/diagnosis.h"
#include "lib/diagnose/round_known.h"
#include "lib/report/endpoint_known.h"

#define DIAGNOSE_PORTS_MAX 32 /* asked ports of one target */

/*
 * Diagnose every asked port of the round's target number `target` (mode
 * starttls or tls; control ports only serve as evidence), in the order of the
 * ports' first probes. Returns how many of `out` were filled, at most
 * DIAGNOSE_PORTS_MAX.
 */
size_t diagnose_target(const struct round_known *round, size_t target,
    struct diagnosis out[DIAGNOSE_PORTS_MAX]);

#endif
