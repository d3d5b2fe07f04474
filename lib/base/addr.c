/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Private prefixes: the first `bits` bits of an address of that family. */
static const struct private_range {
	uint8_t family, bits;
	uint8_t bytes[4];
} private_ranges[] = {
    {4, 8, {10}},
    {4, 12, {172, 16}},
    {4, 16, {192, 168}},
    {4, 10, {100, 64}},
    {4, 24, {192, 0, 0}},
    {4, 8, {127}},
    {4, 16, {169, 254}},
    {6, 7, {0xfc}},
    {6, 10, {0xfe, 0x80}},
};

static void unmap(struct addr *addr)
{
	if (addr->family != 6 || memcmp(addr->bytes, mapped_prefix, 12) != 0)
		return;
	addr->family = 4;
	memcpy(addr->bytes, addr->bytes + 12, 4);
	memset(addr->bytes + 4, 0, 12);
}

bool addr_parse(struct addr *addr, const char *text)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, addr->bytes) == 1) {
		addr->family = 4;
		return true;
	}
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET6, text, addr->bytes) == 1) {
		addr->family = 6;
		unmap(addr);
		return true;
	}
	memset(addr, 0, sizeof(*addr));
	return false;
}

/* inet_ntop() takes snprintf() for it, and exports write millions. */
static void format_ipv4(const uint8_t bytes[4], char *text)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*text++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*text++ = (char)('0' + bytes[i] / 10 % 10);
		*text++ = (char)('0' + bytes[i] % 10);
		*text++ = i < 3 ? '.' : '\0';
	}
}

char *addr_format(const struct addr *addr, char text[ADDR_TEXT_SIZE])
{
	text[0] = '\0';
	if (addr->family == 4)
		format_ipv4(addr->bytes, text);
	else if (addr->family != 0)
		inet_ntop(AF_INET6, addr->bytes, text, ADDR_TEXT_SIZE);
	return text;
}

char *addr_format_literal(const struct addr *addr, char text[ADDR_TEXT_SIZE])
{
	char plain[ADDR_TEXT_SIZE];

	addr_format(addr, plain);
	snprintf(text, ADDR_TEXT_SIZE, "[%s%.45s]",
	    addr->family == 6 ? "IPv6:" : "", plain);
	return text;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool starts_with(
    const uint8_t *bytes, const uint8_t *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(bytes, prefix, whole) != 0)
		return false;
	return rest == 0 || ((bytes[whole] ^ prefix[whole]) & mask) == 0;
}

bool addr_is_private(const struct addr *addr)
{
	static const uint8_t loopback6[16] = {[15] = 1};
	size_t i;

	for (i = 0; i < sizeof(private_ranges) / sizeof(*private_ranges); i++)
		if (private_ranges[i].family == addr->family &&
		    starts_with(addr->bytes, private_ranges[i].bytes,
			private_ranges[i].bits))
			return true;
	return addr->family == 6 && memcmp(addr->bytes, loopback6, 16) == 0;
}

bool addr_is_this_host(const struct addr *addr)
{
	static const uint8_t loopback6[16] = {[15] = 1}, zeros[16] = {0};

	if (addr->family == 4)
		return addr->bytes[0] == 127 ||
		       memcmp(addr->bytes, zeros, 4) == 0;
	return addr->family == 6 && (memcmp(addr->bytes, loopback6, 16) == 0 ||
					memcmp(addr->bytes, zeros, 16) == 0);
}

bool addr_is_translators(const struct addr *addr)
{
	static const uint8_t prefix[] = {192, 0, 0};

	return addr->family == 4 && starts_with(addr->bytes, prefix, 24);
}

struct addr addr_mask(const struct addr *addr, unsigned bits)
{
	struct addr masked = *addr;
	unsigned i;

	for (i = 0; i < 16; i++) {
		if (bits >= 8 * (i + 1))
			continue;
		if (bits <= 8 * i)
			masked.bytes[i] = 0;
		else
			masked.bytes[i] &= (uint8_t)(0xff00 >> (bits - 8 * i));
	}
	return masked;
}

char *addr_format_prefix(const struct addr *addr, char text[ADDR_TEXT_SIZE])
{
	unsigned bits = addr->family == 4 ? 24 : 48;
	struct addr masked = addr_mask(addr, bits);
	size_t length;

	addr_format(&masked, text);
	length = strlen(text);
	if (length > 0)
		snprintf(text + length, ADDR_TEXT_SIZE - length, "/%u", bits);
	return text;
}

socklen_t addr_to_sockaddr(
    const struct addr *addr, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (addr->family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, addr->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, addr->bytes, 16);
	return sizeof(*in6);
}

void addr_from_sockaddr(struct addr *addr, const struct sockaddr *sa)
{
	memset(addr, 0, sizeof(*addr));
	if (sa->sa_family == AF_INET) {
		addr->family = 4;
		memcpy(addr->bytes, &((const struct sockaddr_in *)sa)->sin_addr,
		    4);
	} else if (sa->sa_family == AF_INET6) {
		addr->family = 6;
		memcpy(addr->bytes,
		    &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
		unmap(addr);
	}
}
