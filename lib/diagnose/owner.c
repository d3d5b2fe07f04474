/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/owner.h"

#include <string.h>
#include <strings.h>

/* What a customer is given at least, and mostly at most. */
#define SUBNET_BITS4 29
#define SUBNET_BITS6 64

/* The last two labels of a name: "mx.example.net" gives "example.net". */
static const char *domain_of(const char *host)
{
	const char *at = host + strlen(host);
	int dots = 0;

	while (at > host && (at[-1] != '.' || ++dots < 2))
		at--;
	return at;
}

bool owner_is_in_one_subnet(const struct addr *a, const struct addr *b)
{
	unsigned bits = a->family == 4 ? SUBNET_BITS4 : SUBNET_BITS6;
	struct addr left = addr_mask(a, bits), right = addr_mask(b, bits);

	return addr_equal(&left, &right);
}

bool owner_differs(const struct target_seen *a, const struct target_seen *b)
{
	if (strcmp(a->endpoint, b->endpoint) == 0 ||
	    strcasecmp(a->host, b->host) == 0 ||
	    addr_equal(&a->address, &b->address))
		return false;
	return strcasecmp(domain_of(a->host), domain_of(b->host)) != 0 ||
	       !owner_is_in_one_subnet(&a->address, &b->address);
}
