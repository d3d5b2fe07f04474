/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_CHECK_IDN_H
#define EGRESS25_AGENT_CHECK_IDN_H

#include <stdbool.h>

#include "lib/base/err.h"

/* Convert a domain name to the form used in DNS: "b\u00fccher.example" (UTF-8)
 * becomes "xn--bcher-kva.example" (IDNA 2008, RFC 5891), a name in ASCII is
 * copied, and a final dot is dropped. -EINVAL: the name cannot be converted, or
 * this build has no libidn2. */
int idn_to_ascii(const char *name, char out[256], struct err *err);

#endif
