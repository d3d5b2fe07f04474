/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_PREFIXES_H
#define EGRESS25_COLLECTOR_BASE_PREFIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/addr.h"
#include "lib/base/err.h"

#define PREFIXES_MAX 32

/* A short list of address prefixes, as a person writes it. */
struct prefix_list {
	struct addr addr[PREFIXES_MAX]; /* masked */
	unsigned char bits[PREFIXES_MAX];
	size_t count;
};

/* "10.0.0.0/8 2001:db8::/32, 192.0.2.1": blanks or commas between; without
 * bits the one address is meant; "" is the empty list. Bits that are set
 * behind the prefix are an error. `out` is untouched unless 0 is returned. */
int prefixes_parse(const char *text, struct prefix_list *out, struct err *err);

/* False for an absent address. */
bool prefixes_contain(const struct prefix_list *list, const struct addr *addr);

#endif
