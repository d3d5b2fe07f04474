/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_ADDR_H
#define EGRESS25_LIB_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Room for any address or prefix as text, with its NUL. */
#define ADDR_TEXT_SIZE 56

/*
 * An IPv4 or IPv6 address, in network order; `family` is 4, 6, or 0 where
 * there is none. All bytes that the family does not use are 0, so that two
 * equal addresses are equal as memory too. An IPv4-mapped IPv6 address
 * (RFC 4291, 2.5.5.2) always becomes its IPv4 address.
 */
struct addr {
	uint8_t family;
	uint8_t bytes[16];
};

/* Read an address as text, no brackets, no port, no zone. False: it is none,
 * and `addr` is absent. */
bool addr_parse(struct addr *addr, const char *text);

/* Write it (RFC 5952 for IPv6); an absent one is "". Returns `text`. */
char *addr_format(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

/* As SMTP writes it: [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, 4.1.3). */
char *addr_format_literal(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

bool addr_equal(const struct addr *a, const struct addr *b);

/* An address that the public Internet does not route to one place: RFC 1918,
 * shared space (RFC 6598), 464XLAT (RFC 7335), loopback, link-local, unique
 * local (RFC 4193). */
bool addr_is_private(const struct addr *addr);

/* Keep the first `bits` bits, clear the others. */
struct addr addr_mask(const struct addr *addr, unsigned bits);

/* The prefix that is published for a vantage point, as "192.0.2.0/24" or
 * "2001:db8:1::/48"; an absent address is "". Returns `text`. */
char *addr_format_prefix(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

/* To and from the sockets' form. addr_to_sockaddr returns the length;
 * addr_from_sockaddr leaves an absent address for other families. */
socklen_t addr_to_sockaddr(
    const struct addr *addr, uint16_t port, struct sockaddr_storage *out);
void addr_from_sockaddr(struct addr *addr, const struct sockaddr *sa);

#endif
