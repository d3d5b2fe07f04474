/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/filter.h"

#include <string.h>

void row_filter_init(struct row_filter *filter)
{
	memset(filter, 0, sizeof(*filter));
	filter->outcome = -1;
}
