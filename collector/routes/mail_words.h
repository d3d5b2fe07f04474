/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_ROUTES_MAIL_WORDS_H
#define EGRESS25_COLLECTOR_ROUTES_MAIL_WORDS_H

/* The words of a mail server, as they are published: an agent may have made
 * them up, and could write to everybody. Pure. */

#include <stddef.h>

/*
 * Copy `text`, of which intake/public_text.h has left no address and no name
 * but the endpoint's, into `out`, cut to `size` - 1 bytes: words that mail
 * servers use, numbers and names stay. In place of others stands "[removed]".
 */
void mail_words_copy(char *out, size_t size, const char *text);

#endif
