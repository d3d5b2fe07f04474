/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/durable.h"
#include "lib/base/log.h"

#define ENDING        ".json"
#define REFUSED       "refused"
#define REFUSED_SHARE 4 /* a quarter of `most_bytes`, in addition */
#define NAME_SIZE     (REPORT_ID_SIZE + sizeof(ENDING))

struct kept {
	char name[NAME_SIZE];
	int64_t bytes;
};

/* A directory and the reports in it. */
struct shelf {
	int directory;
	struct kept *kept; /* by name: oldest first */
	size_t count, capacity;
	int64_t bytes;
};

struct spool {
	struct shelf waiting, refused;
	int64_t most_bytes, dropped;
};

static bool is_report_name(const char *name)
{
	return strlen(name) == NAME_SIZE - 2 &&
	       strcmp(name + REPORT_ID_SIZE - 1, ENDING) == 0;
}

static bool is_unfinished_name(const char *name)
{
	size_t length = strlen(name), ending = strlen(DURABLE_UNFINISHED);

	return length > ending &&
	       strcmp(name + length - ending, DURABLE_UNFINISHED) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

static void sort(struct shelf *shelf)
{
	if (shelf->count > 1)
		qsort(shelf->kept, shelf->count, sizeof(*shelf->kept), by_name);
}

static int append(struct shelf *shelf, const char *name, int64_t bytes)
{
	struct kept *grown;

	if (shelf->count == shelf->capacity) {
		size_t capacity = shelf->capacity ? shelf->capacity * 2 : 64;

		grown = realloc(shelf->kept, capacity * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		shelf->kept = grown;
		shelf->capacity = capacity;
	}
	snprintf(shelf->kept[shelf->count].name, NAME_SIZE, "%s", name);
	shelf->kept[shelf->count++].bytes = bytes;
	shelf->bytes += bytes;
	return 0;
}

static void forget(struct shelf *shelf, size_t index)
{
	shelf->bytes -= shelf->kept[index].bytes;
	shelf->count--;
	memmove(&shelf->kept[index], &shelf->kept[index + 1],
	    (shelf->count - index) * sizeof(*shelf->kept));
}

/* The index of the report, or -1. */
static long find(const struct shelf *shelf, const char *id)
{
	size_t i;

	for (i = 0; i < shelf->count; i++)
		if (strncmp(shelf->kept[i].name, id, REPORT_ID_SIZE - 1) == 0)
			return (long)i;
	return -1;
}

/* Add a file that is in the directory to the list, in order, without
 * duplicates. */
static int remember(struct shelf *shelf, const char *name, int64_t bytes)
{
	long index = find(shelf, name);
	int error;

	if (index >= 0)
		forget(shelf, (size_t)index);
	error = append(shelf, name, bytes);
	if (error == 0 && shelf->count > 1 &&
	    by_name(&shelf->kept[shelf->count - 2],
		&shelf->kept[shelf->count - 1]) > 0)
		sort(shelf);
	return error;
}

static int take_entry(struct shelf *shelf, const char *name)
{
	struct stat status;

	if (is_unfinished_name(name)) {
		unlinkat(shelf->directory, name, 0);
		return 0;
	}
	if (!is_report_name(name) ||
	    fstatat(shelf->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	return append(shelf, name, status.st_size);
}

static int list(struct shelf *shelf)
{
	int fd = openat(shelf->directory, ".", O_RDONLY | O_CLOEXEC);
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
		error = take_entry(shelf, entry->d_name);
	closedir(directory);
	sort(shelf);
	return error;
}

static void close_shelf(struct shelf *shelf)
{
	if (shelf->directory >= 0)
		close(shelf->directory);
	free(shelf->kept);
}

static int open_shelf(int parent, const char *name, struct shelf *shelf)
{
	int fd = statefile_open_subdirectory(parent, name);

	shelf->directory = fd < 0 ? -1 : fd;
	return fd < 0 ? fd : 0;
}

int spool_open(const struct state_directory *state, int64_t most_bytes,
    struct spool **out, struct err *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	int error;

	if (spool == NULL)
		return err_system(err, -ENOMEM, "the spool");
	spool->refused.directory = -1;
	spool->most_bytes = most_bytes;
	error = open_shelf(state->fd, "spool", &spool->waiting);
	if (error == 0 &&
	    flock(spool->waiting.directory, LOCK_EX | LOCK_NB) < 0)
		error = -EBUSY;
	if (error == 0)
		error = open_shelf(
		    spool->waiting.directory, REFUSED, &spool->refused);
	if (error == 0)
		error = list(&spool->waiting);
	if (error == 0)
		error = list(&spool->refused);
	if (error < 0) {
		spool_close(spool);
		return err_system(err, error, "%s/spool%s", state->path,
		    error == -EBUSY ? ": in use by another agent" : "");
	}
	*out = spool;
	return 0;
}

void spool_close(struct spool *spool)
{
	if (spool == NULL)
		return;
	close_shelf(&spool->waiting);
	close_shelf(&spool->refused);
	free(spool);
}

/* Drop the oldest reports until the rest fits, but always keep one. Returns how
 * many were dropped. */
static int64_t make_room(struct shelf *shelf, int64_t most)
{
	int64_t dropped = 0;

	while (shelf->count > 1 && shelf->bytes > most) {
		log_warn("the spool is full: report %.36s is dropped",
		    shelf->kept[0].name);
		unlinkat(shelf->directory, shelf->kept[0].name, 0);
		forget(shelf, 0);
		dropped++;
	}
	return dropped;
}

int spool_put(struct spool *spool, const char *id, const char *json,
    size_t length, struct err *err)
{
	struct shelf *shelf = &spool->waiting;
	char name[NAME_SIZE];
	int error;

	snprintf(name, sizeof(name), "%s" ENDING, id);
	if (!is_report_name(name))
		return err_input(err, "spool: \"%s\" is not a report id", id);
	error = durable_replace(shelf->directory, name, json, length);
	if (error == 0)
		error = remember(shelf, name, (int64_t)length);
	if (error < 0)
		return err_system(err, error, "spool: report %s", id);
	spool->dropped += make_room(shelf, spool->most_bytes);
	return 0;
}

/* The index of the first report behind that one. */
static size_t index_behind(const struct shelf *shelf, const char *id)
{
	size_t i = 0;

	while (i < shelf->count &&
	       strncmp(shelf->kept[i].name, id, REPORT_ID_SIZE - 1) <= 0)
		i++;
	return i;
}

int spool_next(struct spool *spool, const char *after, char id[REPORT_ID_SIZE],
    struct buf *json, struct err *err)
{
	struct shelf *shelf = &spool->waiting;
	size_t i = index_behind(shelf, after);
	int error;

	while (i < shelf->count) {
		snprintf(id, REPORT_ID_SIZE, "%.36s", shelf->kept[i].name);
		buf_clear(json);
		error = statefile_read_at(shelf->directory, shelf->kept[i].name,
		    REPORT_BYTES_MAX, json);
		if (error == 0 && json->length == 0)
			error = -EBADMSG;
		if (error == 0)
			return 0;
		if (error == -ENOMEM)
			return err_system(err, error, "spool: report %s", id);
		if (error == -ENOENT) {
			forget(shelf, i);
			continue;
		}
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
	struct shelf *shelf = &spool->waiting;
	long index = find(shelf, id);

	if (index < 0)
		return 0;
	if (unlinkat(shelf->directory, shelf->kept[index].name, 0) < 0 &&
	    errno != ENOENT)
		return err_system(err, -errno, "spool: report %s", id);
	forget(shelf, (size_t)index);
	return 0;
}

int spool_set_aside(struct spool *spool, const char *id, struct err *err)
{
	struct shelf *from = &spool->waiting, *to = &spool->refused;
	long index = find(from, id);
	struct kept kept;
	int error = 0;

	if (index < 0)
		return 0;
	kept = from->kept[index];
	if (renameat(from->directory, kept.name, to->directory, kept.name) == 0)
		error = remember(to, kept.name, kept.bytes);
	else if (errno != ENOENT)
		error = -errno;
	if (error < 0)
		return err_system(err, error, "spool: report %s", id);
	forget(from, (size_t)index);
	make_room(to, spool->most_bytes / REFUSED_SHARE);
	return 0;
}

/* The first 48 bits of a UUIDv7 (RFC 9562, 5.7). */
int64_t spool_newest_ms(const struct spool *spool)
{
	const struct shelf *shelf = &spool->waiting;
	unsigned high, low;

	if (shelf->count == 0 || sscanf(shelf->kept[shelf->count - 1].name,
				     "%8x-%4x", &high, &low) != 2)
		return 0;
	return (int64_t)high << 16 | low;
}

size_t spool_count(const struct spool *spool)
{
	return spool->waiting.count;
}

int64_t spool_dropped(const struct spool *spool)
{
	return spool->dropped;
}
