/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network_detail.h"

#include <stdlib.h>
#include <string.h>

size_t network_detail_bytes(const struct network_detail *detail)
{
	return sizeof(*detail) + detail->nparts * sizeof(*detail->parts) +
	       detail->ndestinations * sizeof(*detail->destinations);
}

struct network_detail *network_detail_copy(const struct network_detail *detail)
{
	struct network_detail *copy = malloc(network_detail_bytes(detail));

	if (copy == NULL)
		return NULL;
	*copy = *detail;
	copy->parts = (struct network_part *)(copy + 1);
	copy->destinations = (struct network_destination *)(copy->parts +
							    copy->nparts);
	if (copy->nparts > 0)
		memcpy(copy->parts, detail->parts,
		    copy->nparts * sizeof(*copy->parts));
	if (copy->ndestinations > 0)
		memcpy(copy->destinations, detail->destinations,
		    copy->ndestinations * sizeof(*copy->destinations));
	return copy;
}
