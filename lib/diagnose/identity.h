/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_IDENTITY_H
#define EGRESS25_LIB_DIAGNOSE_IDENTITY_H

/* Whether who answers on a port is the endpoint, and says what the endpoint
 * says, by what one address shows. */

#include "lib/diagnose/port_evidence.h"
#include "lib/report/endpoint_known.h"

bool identity_is_known_key(
    const struct endpoint_known *known, const struct tls_seen *tls);

/* Some attempt on the port saw the signature of an inspecting firewall that
 * overwrites what it does not let through: an EHLO keyword like XXXXXXXA, a
 * greeting of asterisks. */
bool identity_is_masked(
    const struct evidence *evidence, const struct port_evidence *port);

/* Some attempt on the port showed what the endpoint alone can show: one of its
 * known keys, or a certificate that verifies for its name. Where a beacon's
 * receipt is right it alone is asked, for a relay shows the key of whom it
 * relays: whether it saw this port's packets come as those of others did. */
bool identity_shows_the_endpoint(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* The endpoint's keys are known, and this is none of them. */
bool identity_key_unknown(
    const struct endpoint_known *known, const struct tls_seen *tls);

/* It shows none of the endpoint's known keys, while another port shows one. */
bool identity_foreign_key(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* The same, and no authority that this host trusts says that it is the
 * endpoint's. One that is for its name, be it out of date, is a key that was
 * renewed, which servers of one host take up one after the other. */
bool identity_foreign_key_by_nobody(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* The beacon's right receipt says that this attempt was shown its key. */
bool identity_is_signed_key(const struct probe_seen *probe);

/* It is a port of a beacon that signed what was said in the clear, or in TLS,
 * and shows another key than it signed for, and none that is known; or such a
 * one while another port shows one that is known. */
bool identity_foreign_key_at_beacon(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* The endpoint is known to offer STARTTLS, and it is missing, or refused after
 * the offer, in so many tries that no chance explains it; or the offer was
 * overwritten in place. */
bool identity_lacks_starttls(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* Another port of the address that showed one of the known keys, or NULL. */
const struct port_evidence *identity_port_with_known_key(
    const struct evidence *evidence, const struct endpoint_known *known,
    const struct port_evidence *port);

#endif
