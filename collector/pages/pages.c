/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/pages/pages.h"

#include <string.h>

#define DIGITS "0123456789"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"

/* The addresses of views, which dashboards/web/src/app/routes.js shows: `path`
 * and then, unless `name` is NULL, `least` to `most` of these characters. */
static const struct view {
	const char *path, *name;
	size_t least, most;
} views[] = {
    {"/", NULL, 0, 0},
    {"/my-network", NULL, 0, 0},
    {"/networks", NULL, 0, 0},
    {"/as/", DIGITS, 1, 10},
    {"/countries", NULL, 0, 0},
    {"/country/", UPPER, 2, 2},
    {"/changes", NULL, 0, 0},
    {"/m/", DIGITS UPPER LOWER "-", 1, 64},
    {"/data", NULL, 0, 0},
    {"/about", NULL, 0, 0},
};

static bool is_at(const struct view *view, const char *path)
{
	size_t length = strlen(view->path);
	const char *name = path + length;

	if (view->name == NULL)
		return strcmp(path, view->path) == 0;
	if (strncmp(path, view->path, length) != 0)
		return false;
	length = strspn(name, view->name);
	return name[length] == '\0' && length >= view->least &&
	       length <= view->most;
}

bool pages_is_view(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (is_at(&views[i], path))
			return true;
	return false;
}

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
