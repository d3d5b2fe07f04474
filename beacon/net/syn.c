/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/net/syn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define IPV4_HEADER 20
#define IPV6_HEADER 40

int syn_save(int listening_fd)
{
	int one = 1;

	if (setsockopt(
		listening_fd, IPPROTO_TCP, TCP_SAVE_SYN, &one, sizeof(one)) < 0)
		return -errno;
	return 0;
}

uint8_t syn_parse_ttl(const uint8_t *header, size_t length)
{
	if (length >= IPV4_HEADER && header[0] >> 4 == 4)
		return header[8];
	if (length >= IPV6_HEADER && header[0] >> 4 == 6)
		return header[7];
	return 0;
}

uint8_t syn_ttl(int fd)
{
	uint8_t headers[256];
	socklen_t length = sizeof(headers);

	if (getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, headers, &length) < 0)
		return 0;
	return syn_parse_ttl(headers, length);
}
