/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_PREFIXES_H
#define EGRESS25_LIB_BASE_PREFIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/addr.h"
#include "lib/base/err.h"

#define PREFIXES_MAX 32

/* A short list of address prefixes, from the configuration. */
struct prefix_list {
	struct addr addr[PREFIXES_MAX]; /* masked */
	unsigned char bits[PREFIXES_MAX];
	size_t count;
};

/* Parse "10.0.0.0/8 2001:db8::/32, 192.0.2.1": separated by blanks or commas;
 * an address without a length is a single host; "" is the empty list; host
 * bits that are set are an error. 0, or -EINVAL with `out` unchanged. */
int prefixes_parse(const char *text, struct prefix_list *out, struct err *err);

/* Is the address in one of the prefixes? False for an absent address. */
bool prefixes_contain(const struct prefix_list *list, const struct addr *addr);

#endif
