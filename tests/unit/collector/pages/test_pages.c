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
	test_add(&list, "the gzipped bytes are the plain ones", unpack);
	return test_run("pages", &list);
}
