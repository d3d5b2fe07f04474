/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_SIGNS_H
#define EGRESS25_LIB_DIAGNOSE_SIGNS_H

/*
 * Who answers, and is it who should: comparisons of greetings, keys and
 * distances between the ports of an address. Most of them are soft signs, which
 * alone convict nobody.
 */

#include "lib/diagnose/view.h"

/* The greeting names another host than those of the other ports all do. */
bool signs_greeting_differs(
    const struct evidence *evidence, const struct port_evidence *port);

/* All soft signs of a port, as bits. */
unsigned signs_of(const struct view *view);

#endif
