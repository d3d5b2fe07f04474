/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/http/proxy_header.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX      107 /* of version 1, with its CR LF */
#define BINARY_SIZE   16  /* of version 2 before the addresses */
#define VERSION_2     2
#define COMMAND_LOCAL 0
#define COMMAND_PROXY 1
#define FAMILY_INET   1
#define FAMILY_INET6  2
#define TRANSPORT_TCP 1

static const char text_start[] = "PROXY ";
static const unsigned char binary_start[12] = "\r\n\r\n\0\r\nQUIT\n";

/* Do the bytes begin with `start`, as far as both are long? */
static bool begins(
    const void *bytes, size_t length, const void *start, size_t start_length)
{
	return memcmp(bytes, start,
		   length < start_length ? length : start_length) == 0;
}

/* --- version 1: a line --- */

static bool read_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long number;

	if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && text[1]))
		return false;
	number = strtoul(text, &end, 10);
	*port = (uint16_t)number;
	return *end == '\0' && number <= UINT16_MAX;
}

/* Cut `text` at each blank. The number of words, at most `most` + 1. */
static size_t split(char *text, char *words[], size_t most)
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&text, " ")) != NULL && count <= most)
		if (count++ < most)
			words[count - 1] = word;
	return count;
}

/* Parse an address of that family; an IPv6 one may map an IPv4 address. */
static bool read_address(const char *text, bool is_6, struct addr *address)
{
	return (strchr(text, ':') != NULL) == is_6 && addr_parse(address, text);
}

/* "TCP4 SOURCE DESTINATION PORT PORT", or "UNKNOWN" and anything. */
static bool read_words(char *text, struct proxy_header *out)
{
	char *words[5] = {NULL};
	size_t count = split(text, words, 5);
	bool is_6 = strcmp(words[0], "TCP6") == 0;
	struct addr target;
	uint16_t target_port;

	if (strcmp(words[0], "UNKNOWN") == 0)
		return true;
	return count == 5 && (is_6 || strcmp(words[0], "TCP4") == 0) &&
	       read_address(words[1], is_6, &out->client) &&
	       read_address(words[2], is_6, &target) &&
	       read_port(words[3], &out->port) &&
	       read_port(words[4], &target_port);
}

static ssize_t read_text(
    const char *bytes, size_t length, struct proxy_header *out)
{
	const char *end = memchr(
	    bytes, '\n', length < TEXT_MAX ? length : TEXT_MAX);
	size_t start = sizeof(text_start) - 1;
	char words[TEXT_MAX];
	size_t count;

	if (end == NULL)
		return length < TEXT_MAX ? 0 : -EINVAL;
	if ((size_t)(end - bytes) <= start || end[-1] != '\r')
		return -EINVAL;
	count = (size_t)(end - 1 - bytes) - start;
	if (memchr(bytes, '\0', (size_t)(end - bytes)) != NULL)
		return -EINVAL;
	memcpy(words, bytes + start, count);
	words[count] = '\0';
	return read_words(words, out) ? end + 1 - bytes : -EINVAL;
}

/* --- version 2: bytes --- */

static uint16_t read_u16(const unsigned char *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Source, destination, their ports. */
static ssize_t read_addresses(unsigned family, const unsigned char *bytes,
    size_t length, struct proxy_header *out)
{
	size_t size = family == FAMILY_INET6 ? 16 : 4;
	struct sockaddr_in6 sa6 = {.sin6_family = AF_INET6};
	struct sockaddr_in sa4 = {.sin_family = AF_INET};

	if (length < 2 * size + 4)
		return -EINVAL;
	memcpy(&sa6.sin6_addr, bytes, size);
	memcpy(&sa4.sin_addr, bytes, 4);
	addr_from_sockaddr(&out->client, family == FAMILY_INET6
					     ? (struct sockaddr *)&sa6
					     : (struct sockaddr *)&sa4);
	out->port = read_u16(bytes + 2 * size);
	return 0;
}

static ssize_t read_binary(
    const unsigned char *bytes, size_t length, struct proxy_header *out)
{
	unsigned command, family, transport;
	size_t rest;

	if (length < BINARY_SIZE)
		return 0;
	command = bytes[12] & 0x0f;
	family = bytes[13] >> 4;
	transport = bytes[13] & 0x0f;
	rest = read_u16(bytes + 14);
	if (bytes[12] >> 4 != VERSION_2 || command > COMMAND_PROXY ||
	    BINARY_SIZE + rest > PROXY_HEADER_MAX)
		return -EINVAL;
	if (length < BINARY_SIZE + rest)
		return 0;
	if (command == COMMAND_PROXY && transport == TRANSPORT_TCP &&
	    (family == FAMILY_INET || family == FAMILY_INET6) &&
	    read_addresses(family, bytes + BINARY_SIZE, rest, out) < 0)
		return -EINVAL;
	return (ssize_t)(BINARY_SIZE + rest);
}

ssize_t proxy_header_read(
    const void *bytes, size_t length, struct proxy_header *out)
{
	memset(out, 0, sizeof(*out));
	if (length == 0)
		return 0;
	if (begins(bytes, length, text_start, sizeof(text_start) - 1))
		return read_text(bytes, length, out);
	if (begins(bytes, length, binary_start, sizeof(binary_start)))
		return read_binary(bytes, length, out);
	return -EINVAL;
}
