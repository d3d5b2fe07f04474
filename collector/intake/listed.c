/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/listed.h"

#include <string.h>

#include "lib/base/public_unicast.h"

/* Is `address` that of the IPv4 host `named`, as DNS64 has it? */
static bool is_nat64_of(const struct addr *address, const struct addr *named)
{
	static const uint8_t prefix[12] = {0x00, 0x64, 0xff, 0x9b};

	return address->family == 6 && named->family == 4 &&
	       memcmp(address->bytes, prefix, sizeof(prefix)) == 0 &&
	       memcmp(address->bytes + 12, named->bytes, 4) == 0;
}

static bool has_address(
    const struct endpoint *endpoint, const struct addr *address)
{
	struct addr named;

	if (addr_parse(&named, endpoint->host))
		return addr_equal(address, &named) ||
		       is_nat64_of(address, &named);
	return public_unicast_is(address);
}

bool listed_has(const struct endpoint *endpoint, const struct measurement *row)
{
	if (endpoint == NULL)
		return false;
	if (!port_list_has(&endpoint->ports, row->port) &&
	    (!port_list_has(&endpoint->control, row->port) ||
		row->outcome != OUTCOME_COUNT))
		return false;
	if (row->address.family == 0)
		return row->outcome == OUTCOME_COUNT ||
		       row->outcome == OUTCOME_UNKNOWN;
	return has_address(endpoint, &row->address);
}
