/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/base/fnv.h"
#include "lib/base/array.h"
#include "lib/base/day.h"
#include "lib/base/rfc3339.h"

#define ENTRIES_MAX 8192
#define SMALL       65536 /* bytes of a file whose content is its tag */

/* --- paths --- */

/* Go down into `name`, and close `fd`. A descriptor or -errno. */
static int go_down(int fd, const char *name)
{
	int next = openat(
	    fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error = next < 0 ? -errno : next;

	close(fd);
	return error;
}

/* What is no folder is as good as nothing. */
static int missing(int error)
{
	return error == -ENOTDIR || error == -ELOOP ? -ENOENT : error;
}

/* The folder in which `name` is, or that it is. A descriptor or -errno. */
static int open_folder(const char *directory, const struct dump_name *name)
{
	const char *const parts[] = {name->year, name->month, name->day};
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t i;

	if (fd < 0)
		return -errno;
	for (i = 0; i < 3 && fd >= 0 && parts[i][0] != '\0'; i++)
		fd = go_down(fd, parts[i]);
	return missing(fd);
}

static void fill(struct dump_entry *entry, const struct stat *status)
{
	entry->bytes = status->st_size;
	entry->modified_ms = status->st_mtim.tv_sec * INT64_C(1000) +
			     status->st_mtim.tv_nsec / 1000000;
}

/* --- lists --- */

/* Is it one of those that belong there? */
static bool read_entry(int fd, const char *text, const struct dump_name *folder,
    struct dump_entry *entry)
{
	enum dump_depth depth = dump_name_depth(folder) + 1;
	struct stat status;

	entry->name = *folder;
	if (!dump_name_set(&entry->name, depth, text) ||
	    fstatat(fd, text, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	fill(entry, &status);
	return depth == DUMP_FILE ? S_ISREG(status.st_mode)
				  : S_ISDIR(status.st_mode);
}

static int read_all(DIR *list, const struct dump_name *folder,
    struct dump_entry **entries, size_t *count)
{
	struct dump_entry entry, *grown;
	struct dirent *found;

	while (*count < ENTRIES_MAX && (found = readdir(list)) != NULL) {
		if (!read_entry(dirfd(list), found->d_name, folder, &entry))
			continue;
		grown = array_grow(*entries, *count, sizeof(entry));
		if (grown == NULL)
			return -ENOMEM;
		*entries = grown;
		grown[(*count)++] = entry;
	}
	return 0;
}

int dump_folder_list(const char *directory, const struct dump_name *folder,
    struct dump_entry **entries, size_t *count)
{
	int error, fd = open_folder(directory, folder);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;

	*entries = NULL;
	*count = 0;
	if (list == NULL) {
		error = fd < 0 ? fd : -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	error = read_all(list, folder, entries, count);
	closedir(list);
	if (error < 0) {
		free(*entries);
		*entries = NULL;
		*count = 0;
	} else if (*count > 1) {
		qsort(*entries, *count, sizeof(**entries), dump_name_compare);
	}
	return error;
}

/* --- days --- */

/* Go down to the last one of what is in the folder. */
static bool take_last(const char *directory, struct dump_name *folder)
{
	struct dump_entry *entries;
	size_t count;

	if (dump_folder_list(directory, folder, &entries, &count) < 0)
		return false;
	if (count > 0)
		*folder = entries[count - 1].name;
	free(entries);
	return count > 0;
}

int64_t dump_folder_until_ms(const char *directory)
{
	struct dump_name name = {""};
	char day[16];
	int64_t day_ms;

	while (dump_name_depth(&name) < DUMP_DAY)
		if (!take_last(directory, &name))
			return 0;
	snprintf(
	    day, sizeof(day), "%s-%s-%.2s", name.year, name.month, name.day);
	return rfc3339_parse(day, &day_ms) ? day_ms + DAY_MS : 0;
}

int dump_folder_version(
    const char *directory, int64_t day_ms, struct dump_name *name)
{
	char day[RFC3339_SIZE];
	struct dump_entry *entries;
	size_t i, count;
	int error, version = 0;

	rfc3339_format(day_ms, day);
	memset(name, 0, sizeof(*name));
	snprintf(name->year, sizeof(name->year), "%.4s", day);
	snprintf(name->month, sizeof(name->month), "%.2s", day + 5);
	error = dump_folder_list(directory, name, &entries, &count);
	snprintf(name->day, sizeof(name->day), "%.2s", day + 8);
	if (error < 0)
		return error == -ENOENT ? 0 : error;
	for (i = 0; i < count; i++)
		if (strncmp(entries[i].name.day, day + 8, 2) == 0) {
			*name = entries[i].name;
			version = dump_name_version(name);
		}
	free(entries);
	return version;
}

/* --- files --- */

/* A FIFO or a device is not even opened: it would wait, or do something. */
static int open_file(int folder, const char *name, struct stat *status)
{
	int fd;

	if (fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(status->st_mode))
		return -ENOENT;
	fd = openat(
	    folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return missing(-errno);
	if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
		return fd;
	close(fd);
	return -ENOENT;
}

int dump_folder_open(const char *directory, const struct dump_name *name,
    int *fd, struct dump_entry *entry)
{
	int folder = open_folder(directory, name);
	struct stat status;

	*fd = -1;
	if (folder < 0)
		return folder;
	*fd = open_file(folder, name->file, &status);
	close(folder);
	if (*fd < 0)
		return *fd;
	entry->name = *name;
	fill(entry, &status);
	return 0;
}

static int hash_file(int fd, uint64_t *hash)
{
	char *bytes = malloc(SMALL);
	ssize_t length = bytes != NULL ? pread(fd, bytes, SMALL, 0) : -1;
	int error = length >= 0 ? 0 : bytes != NULL ? -errno : -ENOMEM;

	if (error == 0)
		*hash = fnv1a(bytes, (size_t)length);
	free(bytes);
	return error;
}

int dump_folder_tag(const char *directory, const struct dump_entry *entry,
    int fd, uint64_t *tag)
{
	struct dump_name sums = entry->name;
	struct dump_entry found;
	int error, of_sums;

	if (entry->bytes <= SMALL)
		return hash_file(fd, tag);
	snprintf(sums.file, sizeof(sums.file), "SHA256SUMS");
	error = dump_folder_open(directory, &sums, &of_sums, &found);
	if (error == 0) {
		error = hash_file(of_sums, tag);
		close(of_sums);
	} else if (error == -ENOENT) {
		*tag = (uint64_t)entry->modified_ms;
		error = 0;
	}
	*tag ^= fnv1a(entry->name.file, strlen(entry->name.file)) ^
		(uint64_t)entry->bytes;
	return error;
}
