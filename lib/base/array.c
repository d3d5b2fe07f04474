/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/array.h"

#include <stdlib.h>

void *array_grow(void *items, size_t count, size_t item_size)
{
	if ((count & (count - 1)) != 0)
		return items;
	return realloc(items, (count ? count * 2 : 1) * item_size);
}

void *array_new(size_t count, size_t item_size)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return malloc(room * item_size);
}
