/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/pages/pages.h"

#include <string.h>

const struct page *pages_find(const char *path)
{
	const struct page *page;

	if (strcmp(path, "/") == 0)
		path = "/index.html";
	for (page = pages_embedded; page->path != NULL; page++)
		if (strcmp(page->path, path) == 0)
			return page;
	return NULL;
}
