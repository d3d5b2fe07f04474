/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A build tool: turn files into the C table of pages.h.
 *
 *	embed FILE... > pages_embedded.c
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "collector/base/fnv.h"

#define FILE_BYTES_MAX (4 * 1024 * 1024)

struct content {
	unsigned char *bytes;
	size_t length;
};

static const struct {
	const char *ending, *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
};

static const char *type_of(const char *name)
{
	const char *ending = strrchr(name, '.');
	size_t i;

	for (i = 0; ending != NULL && i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(types[i].ending, ending) == 0)
			return types[i].type;
	return NULL;
}

static int read_file(const char *path, struct content *content)
{
	FILE *file = fopen(path, "rb");
	int error = 0;

	if (file == NULL)
		return -errno;
	content->bytes = malloc(FILE_BYTES_MAX);
	if (content->bytes == NULL)
		error = -ENOMEM;
	else
		content->length = fread(
		    content->bytes, 1, FILE_BYTES_MAX, file);
	if (error == 0 && (ferror(file) || content->length == FILE_BYTES_MAX))
		error = -EFBIG;
	fclose(file);
	return error;
}

/* gzip without a time, so that equal files are equal output. */
static int compress_gzip(const struct content *from, struct content *to)
{
	z_stream stream = {0};
	int status;

	if (deflateInit2(
		&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	to->length = deflateBound(&stream, from->length);
	to->bytes = malloc(to->length);
	if (to->bytes == NULL) {
		deflateEnd(&stream);
		return -ENOMEM;
	}
	stream.next_in = from->bytes;
	stream.avail_in = (uInt)from->length;
	stream.next_out = to->bytes;
	stream.avail_out = (uInt)to->length;
	status = deflate(&stream, Z_FINISH);
	to->length = stream.total_out;
	deflateEnd(&stream);
	return status == Z_STREAM_END ? 0 : -EIO;
}

static void print_bytes(
    const char *kind, int index, const struct content *content)
{
	size_t i;

	printf("static const unsigned char %s_%d[] = {", kind, index);
	for (i = 0; i < content->length; i++)
		printf("%s%u,", i % 20 == 0 ? "\n" : "", content->bytes[i]);
	printf("\n};\n\n");
}

static int embed(const char *path, int index, char row[512])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *type = type_of(name);
	struct content plain = {0}, gzip = {0};
	int error = read_file(path, &plain);

	if (error == 0)
		error = compress_gzip(&plain, &gzip);
	if (error == 0 && type == NULL)
		error = -EINVAL;
	if (error < 0)
		goto out;
	print_bytes("plain", index, &plain);
	if (gzip.length < plain.length)
		print_bytes("gzip", index, &gzip);
	snprintf(row, 512,
	    "\t{\"/%s\", \"%s\", \"\\\"%016llx\\\"\", plain_%d, %zu, ", name,
	    type, (unsigned long long)fnv1a(plain.bytes, plain.length), index,
	    plain.length);
	if (gzip.length < plain.length)
		snprintf(row + strlen(row), 512 - strlen(row),
		    "gzip_%d, %zu},\n", index, gzip.length);
	else
		snprintf(row + strlen(row), 512 - strlen(row), "0, 0},\n");
out:
	free(plain.bytes);
	free(gzip.bytes);
	return error;
}

int main(int argc, char **argv)
{
	char(*rows)[512] = calloc((size_t)argc, sizeof(*rows));
	int i, error;

	if (rows == NULL)
		return 4;
	printf("#include \"collector/pages/pages.h\"\n\n");
	for (i = 1; i < argc; i++) {
		error = embed(argv[i], i, rows[i]);
		if (error < 0) {
			fprintf(stderr, "embed: %s: %s\n", argv[i],
			    strerror(-error));
			free(rows);
			return 2;
		}
	}
	printf("const struct page pages_embedded[] = {\n");
	for (i = 1; i < argc; i++)
		printf("%s", rows[i]);
	printf("\t{0},\n};\n");
	free(rows);
	return 0;
}
