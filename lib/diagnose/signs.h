/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_SIGNS_H
#define EGRESS25_LIB_DIAGNOSE_SIGNS_H

/*
 * Who answers, and is it who should: comparisons of greetings, keys and
 * distances between the ports of an address, and between the addresses of a
 * round. Most of them are soft signs, which alone convict nobody.
 */

#include "lib/diagnose/view.h"

/* Some attempt on the port saw the signature of an inspecting firewall that
 * overwrites what it does not let through: an EHLO keyword like XXXXXXXA, a
 * greeting of asterisks. */
bool signs_is_masked(
    const struct evidence *evidence, const struct port_evidence *port);

/* Every other address of the same endpoint, over the same family, lacks
 * STARTTLS on that port in this round too. A pool in which one offers it, or
 * shows nothing, may vary. */
bool signs_siblings_lack_starttls(
    const struct round_known *round, size_t target, uint16_t port);

/* Some attempt on the port showed what the endpoint alone can show: one of its
 * known keys, a certificate that verifies for its name, or a beacon's receipt
 * that saw this port's packets come as those of others did. */
bool signs_shows_the_endpoint(const struct evidence *evidence,
    const struct endpoint_known *known, const struct port_evidence *port);

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

/* All soft signs of a port, as bits. */
unsigned signs_of(const struct view *view);

#endif
