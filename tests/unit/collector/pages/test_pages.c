/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/pages/pages.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/support/rows.h"

static const struct row {
	const char *name, *path, *type;
} rows[] = {
    {"/ is the index", "/", "text/html; charset=utf-8"},
    {"the script", "/app.js", "text/javascript; charset=utf-8"},
    {"the style", "/style.css", "text/css; charset=utf-8"},
    {"the map", "/world.json", "application/json"},
    {"the icon", "/favicon.svg", "image/svg+xml"},
    {"what is not there", "/nothing.js", NULL},
    {"a folder is not followed", "/../app.js", NULL},
    {"no slash, no page", "app.js", NULL},
};

static void find(void **state)
{
	const struct row *row = *state;
	const struct page *page = pages_find(row->path);

	if (row->type == NULL) {
		assert_null(page);
		return;
	}
	assert_non_null(page);
	assert_string_equal(page->type, row->type);
	assert_true(page->length > 0);
	assert_int_equal(strlen(page->etag), 18);
}

static const struct view_row {
	const char *name, *path;
	bool is_view;
} views[] = {
    {"the overview", "/", true},
    {"one's own network", "/my-network", true},
    {"the networks", "/networks", true},
    {"a network", "/as/64500", true},
    {"a network of ten digits", "/as/4200000000", true},
    {"the countries", "/countries", true},
    {"a country", "/country/NL", true},
    {"the changes", "/changes", true},
    {"a measurement", "/m/01930000-0000-7000-8000-000000000001", true},
    {"the data", "/data", true},
    {"the methods", "/about", true},
    {"no number", "/as/", false},
    {"eleven digits are no AS", "/as/42000000001", false},
    {"a number with more behind it", "/as/64500/x", false},
    {"a name is no number", "/as/AS64500", false},
    {"three letters are no country", "/country/NLD", false},
    {"small letters are no country", "/country/nl", false},
    {"no report", "/m/", false},
    {"a report's id has no dots", "/m/../app.js", false},
    {"a slash too many", "/networks/", false},
    {"something else", "/nothing", false},
};

static void see_view(void **state)
{
	const struct view_row *row = *state;

	assert_int_equal(pages_is_view(row->path), row->is_view);
}

static void unpack(void **state)
{
	const struct page *page;
	unsigned char *plain;
	z_stream stream;

	for (page = pages_embedded; page->path != NULL; page++) {
		if (page->gzip == NULL)
			continue;
		memset(&stream, 0, sizeof(stream));
		assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
		plain = malloc(page->length + 1);
		stream.next_in = (unsigned char *)page->gzip;
		stream.avail_in = (unsigned)page->gzip_length;
		stream.next_out = plain;
		stream.avail_out = (unsigned)page->length + 1;
		assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
		assert_int_equal(stream.total_out, page->length);
		assert_memory_equal(plain, page->bytes, page->length);
		inflateEnd(&stream);
		free(plain);
	}
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, find);
	TEST_ROWS(&list, views, see_view);
	test_add(&list, "the gzipped bytes are the plain ones", unpack);
	return test_run("pages", &list);
}
