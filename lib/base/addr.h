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
 * An IPv4 or IPv6 address in network byte order. `family` is 4 or 6, or 0 if
 * the address is absent. Bytes that the family does not use are 0, so that
 * equal addresses are equal in memory. An IPv4-mapped IPv6 address (RFC 4291,
 * 2.5.5.2) is always stored as its IPv4 address.
 */
struct addr {
	uint8_t family;
	uint8_t bytes[16];
};

/* Parse an address without brackets, port or zone. False: `text` is not one,
 * and `addr` is then absent. */
bool addr_parse(struct addr *addr, const char *text);

/* Format an address (IPv6: RFC 5952); an absent one as "". Returns `text`. */
char *addr_format(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

/* Format an address literal for SMTP (RFC 5321, 4.1.3): [192.0.2.1] or
 * [IPv6:2001:db8::1]. Returns `text`. */
char *addr_format_literal(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

bool addr_equal(const struct addr *a, const struct addr *b);

/* True for an address that is not routed on the public Internet: RFC 1918,
 * shared address space (RFC 6598), 464XLAT (RFC 7335), loopback, link-local,
 * unique local (RFC 4193). */
bool addr_is_private(const struct addr *addr);

/* It is the host itself that has it, whichever that is: loopback, or the
 * unspecified one, with which a name server hides a name. */
bool addr_is_this_host(const struct addr *addr);

/* One that a translator of a host or a home router has (RFC 7335, 7600), and
 * gives to all routers that have none of the family: it tells none of them from
 * another. */
bool addr_is_translators(const struct addr *addr);

/* The address with all but its first `bits` bits cleared. */
struct addr addr_mask(const struct addr *addr, unsigned bits);

/* Format the prefix that is published for a vantage point: "192.0.2.0/24",
 * "2001:db8:1::/48", or "" if the address is absent. Returns `text`. */
char *addr_format_prefix(const struct addr *addr, char text[ADDR_TEXT_SIZE]);

/* Fill `out` from an address that is present. Returns its length. */
socklen_t addr_to_sockaddr(
    const struct addr *addr, uint16_t port, struct sockaddr_storage *out);

/* Take the address of `sa`; absent if it is of another family. */
void addr_from_sockaddr(struct addr *addr, const struct sockaddr *sa);

#endif
