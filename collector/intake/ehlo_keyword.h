/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_INTAKE_EHLO_KEYWORD_H
#define EGRESS25_COLLECTOR_INTAKE_EHLO_KEYWORD_H

/* What a mail server says it can do, as it may be published: an agent may have
 * made it up. Pure. */

#include <stddef.h>

/*
 * Copy a line of an EHLO reply, without its code, into `out` of `size` bytes,
 * which is not `said` and takes at least sizeof("[removed]"). Words and numbers
 * that extensions of SMTP have (IANA, "SMTP Service Extensions") stay, as do
 * those of widespread servers and what inspecting firewalls write over a
 * keyword (XXXXXXXA). Of others "[removed]" stands for the rest of the line.
 */
void ehlo_keyword_copy(char *out, size_t size, const char *said);

#endif
