/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "lib/base/durable.h"

#define PATH_SIZE 300
#define PART      16384

static int read_whole(const char *path, size_t most, struct buf *out)
{
	FILE *file = fopen(path, "re");
	size_t got = 1;
	char *room;

	if (file == NULL)
		return -errno;
	while (got > 0 && out->length <= most) {
		room = buf_reserve(out, PART);
		got = room != NULL ? fread(room, 1, PART, file) : 0;
		if (room != NULL)
			buf_commit(out, got);
	}
	got = (size_t)ferror(file);
	fclose(file);
	if (out->failed)
		return -ENOMEM;
	if (got != 0)
		return -EIO;
	return out->length <= most ? 0 : -EFBIG;
}

int statefile_read(const char *state_directory, const char *name, size_t most,
    struct buf *out, struct err *err)
{
	char path[PATH_SIZE];
	int error;

	snprintf(path, sizeof(path), "%s/%s", state_directory, name);
	error = read_whole(path, most, out);
	return error < 0 ? err_system(err, error, "%s", path) : 0;
}

int statefile_write(const char *state_directory, const char *name,
    const struct buf *text, struct err *err)
{
	char path[PATH_SIZE];
	int error = -ENOMEM;

	snprintf(path, sizeof(path), "%s/%s", state_directory, name);
	if (!text->failed)
		error = durable_replace(
		    AT_FDCWD, path, text->data, text->length);
	return error < 0 ? err_system(err, error, "%s", path) : 0;
}
