/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RECEIPTS_H
#define EGRESS25_LIB_DIAGNOSE_RECEIPTS_H

/*
 * What a beacon's receipts say of a port. They have been judged already
 * (lib/receipt/receipt_judge.h). One beacon's word accuses nobody.
 */

#include "lib/diagnose/port_evidence.h"

/* The port's right receipt, of several the one seen from farthest; NULL: it
 * has none. */
const struct receipt_seen *receipts_right(
    const struct evidence *evidence, const struct port_evidence *port);

/* EHLO was answered on this port without a right receipt, and another port of
 * the same address has one: so the beacon gives them, its key is known, and
 * clocks agree. */
bool receipts_lack(
    const struct evidence *evidence, const struct port_evidence *port);

/* EHLO was answered without a right receipt, though the beacon's key is known,
 * and no port of the address is known to have one. */
bool receipts_lack_all(
    const struct evidence *evidence, const struct port_evidence *port);

/* The beacon saw another EHLO than was sent. */
bool receipts_ehlo_differs(
    const struct evidence *evidence, const struct port_evidence *port);

/* The beacon saw this port's connection from another place, or from nearer or
 * farther, than another port's. */
bool receipts_way_differs(
    const struct evidence *evidence, const struct port_evidence *port);

#endif
