/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/public_unicast.h"

#include <string.h>

/* The first `bits` bits of an address. */
struct block {
	uint8_t bits;
	uint8_t bytes[12];
};

/* https://www.iana.org/assignments/iana-ipv4-special-registry, but for the
 * documentation ranges; multicast and class E. */
static const struct block not_public4[] = {
    {8, {0}},             /* this network */
    {8, {10}},            /* private */
    {10, {100, 64}},      /* shared, behind a carrier's NAT */
    {8, {127}},           /* loopback */
    {16, {169, 254}},     /* link-local, metadata of clouds */
    {12, {172, 16}},      /* private */
    {24, {192, 0, 0}},    /* IETF protocol assignments */
    {24, {192, 31, 196}}, /* AS112, anycast */
    {24, {192, 52, 193}}, /* AMT, anycast */
    {24, {192, 88, 99}},  /* 6to4 relays, anycast */
    {16, {192, 168}},     /* private */
    {24, {192, 175, 48}}, /* AS112, anycast */
    {15, {198, 18}},      /* benchmarking */
    {4, {224}},           /* multicast */
    {4, {240}},           /* reserved, and broadcast */
};

/* https://www.iana.org/assignments/iana-ipv6-special-registry: what of it is
 * in 2000::/3. All else that is not in there is not public. */
static const struct block not_public6[] = {
    {23, {0x20, 0x01}},                         /* protocols */
    {48, {0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}}, /* AS112, anycast */
};

/* Where an IPv6 address of this block carries an IPv4 address. */
static const struct carrier {
	struct block block;
	uint8_t at;
	uint8_t xor ;
} carriers[] = {
    {{96, {[10] = 0xff, [11] = 0xff}}, 12, 0},  /* mapped */
    {{96, {0x00, 0x64, 0xff, 0x9b}}, 12, 0},    /* NAT64 */
    {{16, {0x20, 0x02}}, 2, 0},                 /* 6to4 */
    {{32, {0x20, 0x01, 0x00, 0x00}}, 4, 0},     /* Teredo: server */
    {{32, {0x20, 0x01, 0x00, 0x00}}, 12, 0xff}, /* Teredo: client */
};

static bool is_in(const uint8_t *bytes, const struct block *block)
{
	unsigned whole = block->bits / 8, rest = block->bits % 8;

	if ((whole > 0 && bytes[0] != block->bytes[0]) ||
	    memcmp(bytes, block->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((bytes[whole] ^ block->bytes[whole]) >> (8 - rest)) == 0;
}

static bool is_in_any(
    const uint8_t *bytes, const struct block *blocks, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_in(bytes, &blocks[i]))
			return true;
	return false;
}

static uint32_t number_of(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

/* As numbers, since it is asked for each probe that comes in. */
static bool is_public4(const uint8_t *bytes, uint8_t xor)
{
	uint32_t plain = number_of(bytes) ^ xor*0x01010101U;
	const struct block *block = not_public4;
	size_t i;

	for (i = 0; i < sizeof(not_public4) / sizeof(*not_public4);
	     i++, block++)
		if ((plain ^ number_of(block->bytes)) >> (32 - block->bits) ==
		    0)
			return false;
	return true;
}

/* An interface identifier of ISATAP, universal or not (RFC 5214, 6.1). */
static bool is_isatap(const uint8_t *bytes)
{
	static const uint8_t mark[4] = {0, 0, 0x5e, 0xfe};

	return (bytes[8] & ~2) == mark[0] &&
	       memcmp(bytes + 9, mark + 1, 3) == 0;
}

static bool is_public6(const uint8_t *bytes)
{
	bool carried = false;
	size_t i;

	for (i = 0; i < sizeof(carriers) / sizeof(*carriers); i++) {
		if (!is_in(bytes, &carriers[i].block))
			continue;
		if (!is_public4(bytes + carriers[i].at, carriers[i].xor))
			return false;
		carried = true;
	}
	if (carried)
		return true;
	if ((bytes[0] & 0xe0) != 0x20 ||
	    is_in_any(
		bytes, not_public6, sizeof(not_public6) / sizeof(*not_public6)))
		return false;
	return !is_isatap(bytes) || is_public4(bytes + 12, 0);
}

bool public_unicast_is(const struct addr *addr)
{
	switch (addr->family) {
	case 4:
		return is_public4(addr->bytes, 0);
	case 6:
		return is_public6(addr->bytes);
	default:
		return false;
	}
}
