/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_SIGNS_H
#define EGRESS25_LIB_DIAGNOSE_SIGNS_H

/*
 * Who answers, and is it who should: comparisons of greetings, keys and
 * distances between the ports of an address, and between the addresses of a
 * round. Most of them are soft signs, which alone convict nobody.
 */

#include "lib/diagnose/diagnose.h"
#include "lib/diagnose/evidence.h"

/* The signature of an inspecting firewall that overwrites what it does not
 * let through: an EHLO keyword like XXXXXXXA, a greeting of asterisks. */
bool signs_masked_in_place(const struct smtp_seen *smtp);

/* Another address of the same endpoint, over the same family, offers STARTTLS
 * on that port in this round: then its absence is the pool's variety. So it is
 * where the endpoint has more than 64 addresses. */
bool signs_sibling_offers_starttls(const struct round_known *round,
    const struct target_seen *target, uint16_t port);

/* The endpoint's keys are known, and this is none of them. */
bool signs_key_unknown(
    const struct endpoint_known *known, const struct tls_seen *tls);

/* Another port of the address that showed one of the known keys, or NULL. */
const struct port_evidence *signs_port_with_known_key(
    const struct evidence *evidence, const struct endpoint_known *known,
    const struct port_evidence *port);

/* The greeting names another host than those of the other ports all do. */
bool signs_greeting_differs(
    const struct evidence *evidence, const struct port_evidence *port);

/* Its key is none of the known ones; or none of the other ports' is it, where
 * none is known. */
bool signs_key_differs(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

/* Another address of the round shakes hands on that port at the same small
 * TTL while its controls are farther. */
bool signs_early_elsewhere(const struct round_known *round,
    const struct target_seen *target, uint16_t port, int early_ttl);

/* `hop` was the last hop before another address of the round that answered. */
bool signs_is_last_hop(const struct round_known *round,
    const struct target_seen *target, const struct addr *hop);

/* All soft signs of a port but SOFT_EARLY_HANDSHAKE, as bits. */
unsigned signs_of(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

#endif
