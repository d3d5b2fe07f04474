/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_RULES_INTERCEPTED_H
#define EGRESS25_LIB_DIAGNOSE_RULES_INTERCEPTED_H

/* Rules for connections that another party answers or changes. */

#include "lib/diagnose/view.h"

/* STARTTLS overwritten in place, or gone from an endpoint that offers it, and
 * from a second owner's too, or by who answers early; of a beacon, from a
 * second owner's beacon. */
rule rule_stripped;
/* A foreign key, while another port shows the endpoint's known one, and the
 * same at a second owner's, or by who answers early; of a beacon whose receipt
 * is right, at a second owner's beacon. */
rule rule_key;
/* Another key than the beacon signed for, and at a second owner's beacon. */
rule rule_signed_key;
/* The handshake ends nearer than the endpoint, on the control's own path. */
rule rule_redirect;
/* The same foreign key at endpoints of three owners, on whatever ports; at two,
 * unless they are beacons, it cannot be told. */
rule rule_one_key;
/* EHLO was answered without the receipt that the beacon gives elsewhere. */
rule rule_receipt;
/* What looks like stripping or a foreign key, at one owner's beacon alone. */
rule rule_one_beacon;
/* The same at one owner's endpoint alone, which may do so itself. */
rule rule_one_endpoint;

#endif
