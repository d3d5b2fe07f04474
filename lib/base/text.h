/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_TEXT_H
#define EGRESS25_LIB_BASE_TEXT_H

#include <stddef.h>

/* Copy up to `size - 1` bytes, with '?' in place of every byte that is not
 * printable ASCII, and terminate the copy. A NUL among the `length` bytes is
 * replaced too. `out` may be `bytes`. */
void text_copy_printable(
    char *out, size_t size, const char *bytes, size_t length);

#endif
