/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_PUBLIC_TEXT_H
#define EGRESS25_COLLECTOR_INTAKE_PUBLIC_TEXT_H

/* What a mail server said, as it may be published: servers name who asked, by
 * address and by host name, and an agent may have made all of it up. Pure. */

#include <stddef.h>

/*
 * Copy `text`, cut to `size` - 1 bytes, without what could name anybody: words
 * that are or may hold an address, host names, links and mail addresses become
 * "[removed]", but for hosts under one of the domains of `known` (the
 * endpoint's own names; NULL ends the list). Control and bidirectional
 * characters become
 * '?'. `out` is not `text`.
 */
void public_text_copy(
    char *out, size_t size, const char *text, const char *const *known);

/* The agent's software, "NAME/VERSION", each of at most 24 small letters,
 * digits and dashes, the version with a digit first; else "". */
void public_text_software(char *out, size_t size, const char *software);

#endif
