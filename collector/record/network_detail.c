/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/network_detail.h"

#include <stdlib.h>

struct network_detail *network_detail_copy(const struct network_detail *detail)
{
	struct network_detail *copy = malloc(sizeof(*copy));

	if (copy != NULL)
		*copy = *detail;
	return copy;
}
