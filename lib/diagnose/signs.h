/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_SIGNS_H
#define EGRESS25_LIB_DIAGNOSE_SIGNS_H

/*
 * Who answers, and is it who should: comparisons of greetings, keys and
 * distances between the ports of an address, and between the addresses of a
 * round. Most of them are soft signs, which alone convict nobody.
 */

#include "lib/diagnose/view.h"

/* Every other address of the same endpoint, over the same family, lacks
 * STARTTLS on that port in this round too. A pool in which one offers it, or
 * shows nothing, may vary. */
bool signs_siblings_lack_starttls(
    const struct round_known *round, size_t target, uint16_t port);

/* The greeting names another host than those of the other ports all do. */
bool signs_greeting_differs(
    const struct evidence *evidence, const struct port_evidence *port);

/* All soft signs of a port, as bits. */
unsigned signs_of(const struct view *view);

#endif
