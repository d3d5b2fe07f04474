/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/endpoint_known.h"

static bool has_port(const uint16_t *ports, size_t count, uint16_t port)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

bool endpoint_signs(const struct endpoint_known *known)
{
	return known->nreceipt_keys > 0;
}

bool endpoint_passes_others(const struct endpoint_known *known, uint16_t port)
{
	return has_port(known->passes, known->npasses, port);
}

bool endpoint_serves(const struct endpoint_known *known, uint16_t port)
{
	return has_port(known->serves, known->nserves, port) ||
	       endpoint_passes_others(known, port);
}
