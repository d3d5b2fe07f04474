/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/diagnose/owner.h"

#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

/* What a customer is given at least, and mostly at most. */
#define SUBNET_BITS4 29
#define SUBNET_BITS6 64

/* What a hoster announces at least. */
#define NETWORK_BITS4 24
#define NETWORK_BITS6 48

/* What a private link has at most, mostly. */
#define PRIVATE_BITS4 16

/* Under these a country gives names to everybody (Public Suffix List). Sorted.
 */
static const char *const shared_labels[] = {
    "ac", "co", "com", "edu", "gob", "gouv", "gov", "ne", "net", "or", "org"};

/* What one owner registers, mostly: the last two labels of a name, three below
 * a country's "co" and the like. "mx.example.net" gives "example.net". */
static const char *domain_of(const char *host)
{
	const char *end = host + strlen(host), *last = end, *at, *before;

	while (last > host && last[-1] != '.')
		last--;
	if (last == host)
		return host;
	for (at = last - 1; at > host && at[-1] != '.';)
		at--;
	if (at == host || end - last != 2 ||
	    !text_is_among(at, (size_t)(last - 1 - at), shared_labels,
		sizeof(shared_labels) / sizeof(*shared_labels)))
		return at;
	for (before = at - 1; before > host && before[-1] != '.';)
		before--;
	return before;
}

/* What a NAT64 translates (RFC 6052, 8215) is in one network as the IPv4
 * address is that stands in it. */
static struct addr behind_nat64(const struct addr *address)
{
	static const uint8_t well_known[12] = {0, 0x64, 0xff, 0x9b};
	static const uint8_t local_use[6] = {0, 0x64, 0xff, 0x9b, 0, 1};
	struct addr inner = {.family = 4};

	if (address->family != 6 ||
	    (memcmp(address->bytes, well_known, 12) != 0 &&
		memcmp(address->bytes, local_use, 6) != 0))
		return *address;
	memcpy(inner.bytes, address->bytes + 12, 4);
	return inner;
}

static bool is_in_one_net(
    const struct addr *a, const struct addr *b, unsigned bits4, unsigned bits6)
{
	struct addr left = behind_nat64(a), right = behind_nat64(b);

	left = addr_mask(&left, left.family == 4 ? bits4 : bits6);
	right = addr_mask(&right, right.family == 4 ? bits4 : bits6);
	return addr_equal(&left, &right);
}

bool owner_is_in_one_subnet(const struct addr *a, const struct addr *b)
{
	return is_in_one_net(a, b, SUBNET_BITS4, SUBNET_BITS6);
}

bool owner_is_neighbour(const struct addr *a, const struct addr *b)
{
	struct addr left = {.family = 4}, right = {.family = 4};

	if (a->family != 6 || b->family != 6 ||
	    memcmp(a->bytes, b->bytes, 12) != 0)
		return owner_is_in_one_subnet(a, b);
	memcpy(left.bytes, a->bytes + 12, 4);
	memcpy(right.bytes, b->bytes + 12, 4);
	return owner_is_in_one_subnet(&left, &right);
}

bool owner_is_on_one_link(const struct addr *a, const struct addr *b)
{
	bool is_private = addr_is_private(a) && addr_is_private(b);

	return is_in_one_net(
	    a, b, is_private ? PRIVATE_BITS4 : NETWORK_BITS4, SUBNET_BITS6);
}

/* A host that is given by its address has no domain. */
static bool is_of_one_domain(const char *host_a, const char *host_b)
{
	struct addr address;

	return !addr_parse(&address, host_a) &&
	       strcasecmp(domain_of(host_a), domain_of(host_b)) == 0;
}

bool owner_differs(const struct target_seen *a, const struct target_seen *b)
{
	if (strcmp(a->endpoint, b->endpoint) == 0 ||
	    strcasecmp(a->host, b->host) == 0 ||
	    addr_equal(&a->address, &b->address))
		return false;
	return !is_of_one_domain(a->host, b->host) ||
	       !owner_is_neighbour(&a->address, &b->address);
}

static bool share_a_key(
    const struct endpoint_known *a, const struct endpoint_known *b)
{
	size_t i, k;

	for (i = 0; i < a->nreceipt_keys; i++)
		for (k = 0; k < b->nreceipt_keys; k++)
			if (memcmp(a->receipt_keys[i], b->receipt_keys[k],
				sizeof(a->receipt_keys[i])) == 0)
				return true;
	return false;
}

bool owner_differs_of_beacons(const struct target_seen *a,
    const struct endpoint_known *known_a, const struct target_seen *b,
    const struct endpoint_known *known_b)
{
	return owner_differs(a, b) && !is_of_one_domain(a->host, b->host) &&
	       !share_a_key(known_a, known_b) &&
	       !is_in_one_net(
		   &a->address, &b->address, NETWORK_BITS4, NETWORK_BITS6) &&
	       (known_a->asn == 0 || known_a->asn != known_b->asn);
}
