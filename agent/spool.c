/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"

#define ENDING     ".json"
#define UNFINISHED ".new"
#define REFUSED    "refused"
#define NAME_SIZE  (REPORT_ID_SIZE + sizeof(ENDING))

struct kept {
	char name[NAME_SIZE];
	int64_t bytes;
};

struct spool {
	int directory, refused;
	struct kept *kept; /* by name: the oldest first */
	size_t count, capacity;
	int64_t bytes, most_bytes, dropped;
};

static int open_directory(int parent, const char *name, int *fd)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	*fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

static bool is_report_name(const char *name)
{
	return strlen(name) == NAME_SIZE - 2 &&
	       strcmp(name + REPORT_ID_SIZE - 1, ENDING) == 0;
}

static bool is_unfinished_name(const char *name)
{
	size_t length = strlen(name), ending = strlen(UNFINISHED);

	return length > ending &&
	       strcmp(name + length - ending, UNFINISHED) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

static int remember(struct spool *spool, const char *name, int64_t bytes)
{
	struct kept *grown;

	if (spool->count == spool->capacity) {
		size_t capacity = spool->capacity ? spool->capacity * 2 : 64;

		grown = realloc(spool->kept, capacity * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		spool->kept = grown;
		spool->capacity = capacity;
	}
	snprintf(spool->kept[spool->count].name, NAME_SIZE, "%s", name);
	spool->kept[spool->count++].bytes = bytes;
	spool->bytes += bytes;
	if (spool->count > 1 && by_name(&spool->kept[spool->count - 2],
				    &spool->kept[spool->count - 1]) > 0)
		qsort(spool->kept, spool->count, sizeof(*spool->kept), by_name);
	return 0;
}

static void forget(struct spool *spool, size_t index)
{
	spool->bytes -= spool->kept[index].bytes;
	spool->count--;
	memmove(&spool->kept[index], &spool->kept[index + 1],
	    (spool->count - index) * sizeof(*spool->kept));
}

static int take_entry(struct spool *spool, const char *name)
{
	struct stat status;

	if (is_unfinished_name(name)) {
		unlinkat(spool->directory, name, 0);
		return 0;
	}
	if (!is_report_name(name) ||
	    fstatat(spool->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	return remember(spool, name, status.st_size);
}

static int list(struct spool *spool)
{
	int fd = openat(spool->directory, ".", O_RDONLY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int error = 0;

	if (directory == NULL) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	while (error == 0 && (entry = readdir(directory)) != NULL)
		error = take_entry(spool, entry->d_name);
	closedir(directory);
	return error;
}

int spool_open(const char *state_directory, int64_t most_bytes,
    struct spool **out, struct err *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	int state = -1, error = -ENOMEM;

	if (spool == NULL)
		return err_system(err, error, "the spool");
	spool->directory = spool->refused = -1;
	spool->most_bytes = most_bytes;
	state = open(state_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = state < 0 ? -errno : 0;
	if (error == 0)
		error = open_directory(state, "spool", &spool->directory);
	if (error == 0)
		error = open_directory(
		    spool->directory, REFUSED, &spool->refused);
	if (error == 0)
		error = list(spool);
	if (state >= 0)
		close(state);
	if (error < 0) {
		spool_close(spool);
		return err_system(err, error, "%s/spool", state_directory);
	}
	*out = spool;
	return 0;
}

void spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	if (spool->directory >= 0)
		close(spool->directory);
	if (spool->refused >= 0)
		close(spool->refused);
	free(spool->kept);
	free(spool);
}

/* Drop the oldest until `bytes` more fit. */
static void make_room(struct spool *spool, int64_t bytes)
{
	while (spool->count > 0 && spool->bytes + bytes > spool->most_bytes) {
		log_warn("the spool is full: report %.36s is dropped",
		    spool->kept[0].name);
		unlinkat(spool->directory, spool->kept[0].name, 0);
		forget(spool, 0);
		spool->dropped++;
	}
}

static int write_all(int fd, const char *bytes, size_t length)
{
	ssize_t written;

	while (length > 0) {
		written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_file(
    int directory, const char *name, const char *bytes, size_t length)
{
	int fd = openat(
	    directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, bytes, length);
	if (close(fd) < 0 && error == 0)
		error = -errno;
	return error;
}

int spool_put(struct spool *spool, const char *id, const char *json,
    size_t length, struct err *err)
{
	char name[NAME_SIZE], unfinished[NAME_SIZE + sizeof(UNFINISHED)];
	int error;

	snprintf(name, sizeof(name), "%s" ENDING, id);
	snprintf(unfinished, sizeof(unfinished), "%s" UNFINISHED, name);
	make_room(spool, (int64_t)length);
	error = write_file(spool->directory, unfinished, json, length);
	if (error == 0 &&
	    renameat(spool->directory, unfinished, spool->directory, name) < 0)
		error = -errno;
	if (error == 0 && fsync(spool->directory) < 0)
		error = -errno;
	if (error == 0)
		error = remember(spool, name, (int64_t)length);
	if (error < 0) {
		unlinkat(spool->directory, unfinished, 0);
		return err_system(err, error, "spool: report %s", id);
	}
	return 0;
}

static int read_file(int directory, const char *name, struct buf *out)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = 1;
	char *room;

	if (fd < 0)
		return -errno;
	while (got > 0 && out->length <= REPORT_BYTES_MAX) {
		room = buf_reserve(out, 65536);
		if (room == NULL) {
			close(fd);
			return -ENOMEM;
		}
		got = read(fd, room, 65536);
		if (got > 0)
			buf_commit(out, (size_t)got);
	}
	close(fd);
	if (got < 0)
		return -EIO;
	return out->length == 0 || got > 0 ? -EBADMSG : 0;
}

/* Its index, or -1. */
static long find(const struct spool *spool, const char *id)
{
	size_t i;

	for (i = 0; i < spool->count; i++)
		if (strncmp(spool->kept[i].name, id, REPORT_ID_SIZE - 1) == 0)
			return (long)i;
	return -1;
}

int spool_oldest(struct spool *spool, char id[REPORT_ID_SIZE], struct buf *json,
    struct err *err)
{
	int error;

	while (spool->count > 0) {
		snprintf(id, REPORT_ID_SIZE, "%.36s", spool->kept[0].name);
		buf_clear(json);
		error = read_file(spool->directory, spool->kept[0].name, json);
		if (error == 0)
			return 0;
		if (error == -ENOMEM)
			return err_system(err, error, "spool: report %s", id);
		log_error("spool: report %s cannot be read (%s) and is set "
			  "aside",
		    id, strerror(-error));
		error = spool_set_aside(spool, id, err);
		if (error < 0)
			return error;
	}
	return -ENOENT;
}

int spool_remove(struct spool *spool, const char *id, struct err *err)
{
	long index = find(spool, id);

	if (index < 0)
		return 0;
	if (unlinkat(spool->directory, spool->kept[index].name, 0) < 0 &&
	    errno != ENOENT)
		return err_system(err, -errno, "spool: report %s", id);
	forget(spool, (size_t)index);
	return 0;
}

int spool_set_aside(struct spool *spool, const char *id, struct err *err)
{
	long index = find(spool, id);
	const char *name;

	if (index < 0)
		return 0;
	name = spool->kept[index].name;
	if (renameat(spool->directory, name, spool->refused, name) < 0 &&
	    errno != ENOENT)
		return err_system(err, -errno, "spool: report %s", id);
	forget(spool, (size_t)index);
	return 0;
}

size_t spool_count(const struct spool *spool)
{
	return spool->count;
}

int64_t spool_dropped(const struct spool *spool)
{
	return spool->dropped;
}
