/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/nat64.h"

#include <string.h>

/* Bits 64 to 71 are 0 and carry nothing (RFC 6052, 2.2). */
#define EMPTY_BYTE 8

static struct addr inner_of(const struct addr *address, unsigned bits)
{
	struct addr inner = {.family = 4};
	size_t at = bits / 8, i;

	for (i = 0; i < 4; i++, at++) {
		at += at == EMPTY_BYTE;
		inner.bytes[i] = address->bytes[at];
	}
	return inner;
}

/* 192.0.0.170 or 192.0.0.171 (RFC 7050, 2.2). */
static bool is_well_known(const struct addr *inner)
{
	static const uint8_t first[4] = {192, 0, 0, 170};

	return memcmp(inner->bytes, first, 3) == 0 &&
	       (inner->bytes[3] | 1) == (first[3] | 1);
}

static bool has(const struct nat64 *nat64, const struct nat64_prefix *prefix)
{
	size_t i;

	for (i = 0; i < nat64->count; i++)
		if (nat64->prefixes[i].bits == prefix->bits &&
		    addr_equal(&nat64->prefixes[i].prefix, &prefix->prefix))
			return true;
	return false;
}

void nat64_learn(struct nat64 *nat64, const struct addr *address)
{
	static const uint8_t lengths[] = {96, 64, 56, 48, 40, 32};
	struct nat64_prefix prefix;
	struct addr inner;
	size_t i;

	for (i = 0; address->family == 6 && i < sizeof(lengths); i++) {
		inner = inner_of(address, lengths[i]);
		if (!is_well_known(&inner) ||
		    (lengths[i] < 96 && address->bytes[EMPTY_BYTE] != 0))
			continue;
		prefix = (struct nat64_prefix){
		    addr_mask(address, lengths[i]), lengths[i]};
		if (nat64->count < NAT64_PREFIXES_MOST && !has(nat64, &prefix))
			nat64->prefixes[nat64->count++] = prefix;
	}
}

bool nat64_inner(const struct nat64 *nat64, const struct addr *address,
    size_t *next, struct addr *inner)
{
	while (address->family == 6 && *next < nat64->count) {
		const struct nat64_prefix *prefix = &nat64->prefixes[(*next)++];
		struct addr masked = addr_mask(address, prefix->bits);

		if (!addr_equal(&masked, &prefix->prefix))
			continue;
		*inner = inner_of(address, prefix->bits);
		return true;
	}
	return false;
}
