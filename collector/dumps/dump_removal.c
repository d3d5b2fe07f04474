/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_removal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/dumps/dump_folder.h"
#include "lib/base/log.h"
#include "lib/base/rfc3339.h"

#define PATH_SIZE (PATH_MAX + DUMP_NAME_PATH + 16)

struct removal {
	const char *directory;
	char first[11]; /* the first day that stays: "2026-11-26" */
	struct err *err;
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), of_end = strlen(end);

	return length > of_end && strcmp(text + length - of_end, end) == 0;
}

/* Does a dump write such a file? */
static bool is_ours(const char *name)
{
	return ends_with(name, ".parquet") || ends_with(name, ".csv.gz") ||
	       ends_with(name, ".new") || strcmp(name, "SHA256SUMS") == 0 ||
	       strcmp(name, "datapackage.json") == 0;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Ordinary files that a dump writes, and nothing else? */
static bool has_only_ours(DIR *folder)
{
	struct dirent *entry;
	struct stat status;
	bool result = true;

	rewinddir(folder);
	while (result && (entry = readdir(folder)) != NULL)
		result = is_dots(entry->d_name) ||
			 (is_ours(entry->d_name) &&
			     fstatat(dirfd(folder), entry->d_name, &status,
				 AT_SYMLINK_NOFOLLOW) == 0 &&
			     S_ISREG(status.st_mode));
	return result;
}

/* All of them that go; the first error. */
static int remove_files(DIR *folder)
{
	struct dirent *entry;
	int error = 0;

	rewinddir(folder);
	while ((entry = readdir(folder)) != NULL)
		if (!is_dots(entry->d_name) &&
		    unlinkat(dirfd(folder), entry->d_name, 0) < 0 && error == 0)
			error = -errno;
	return error;
}

int dump_removal_of_folder(const char *path)
{
	DIR *folder = opendir(path);
	int error;

	if (folder == NULL)
		return errno == ENOENT ? 0 : -errno;
	error = remove_files(folder);
	closedir(folder);
	if (error == 0 && rmdir(path) < 0)
		error = -errno;
	return error;
}

/* Under the name of what is being made first: nobody sees half of a day. */
static int remove_unseen(
    struct removal *removal, const char *path, const char *unfinished)
{
	int error = 0;

	if (strcmp(path, unfinished) != 0 && rename(path, unfinished) < 0)
		error = -errno;
	if (error == 0)
		error = dump_removal_of_folder(unfinished);
	return error == 0 ? 0 : err_system(removal->err, error, "%s", path);
}

/* `name`: a day's folder in that of `month`, a version or what is unfinished.
 */
static int remove_day(
    struct removal *removal, const char *month, const char *name)
{
	char path[PATH_SIZE], unfinished[PATH_SIZE];
	int error = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s%s", month, name);
	snprintf(unfinished, sizeof(unfinished), "%s%.2s.new", month, name);
	folder = opendir(path);
	if (folder == NULL)
		return err_system(removal->err, -errno, "%s", path);
	if (has_only_ours(folder))
		error = remove_unseen(removal, path, unfinished);
	else
		log_warn(
		    "%s stays: there is more in it than a day's files", path);
	closedir(folder);
	return error;
}

/* --- which days --- */

/* -1, 0, 1: as the first day that stays compares with the beginning of this
 * name, of a year, a month or a day. */
static int compare(const struct removal *removal, const struct dump_name *name)
{
	char date[32];

	snprintf(date, sizeof(date), "%s%s%s%s%.2s", name->year,
	    name->month[0] != '\0' ? "-" : "", name->month,
	    name->day[0] != '\0' ? "-" : "", name->day);
	return strncmp(removal->first, date, strlen(date));
}

/* A whole day's name in its month, or that of one that broke off. */
static bool is_old(const struct removal *removal, const struct dump_name *month,
    const char *text)
{
	struct dump_name name = *month;
	char day[sizeof(name.day)];

	snprintf(day, sizeof(day), "%s", text);
	if (strlen(text) == 6 && ends_with(text, ".new"))
		day[2] = '\0';
	else if (strlen(text) >= sizeof(day))
		return false;
	return dump_name_set(&name, DUMP_DAY, day) &&
	       compare(removal, &name) > 0;
}

static int choose(const struct dirent *entry)
{
	return !is_dots(entry->d_name);
}

static bool is_folder(const char *month, const char *name)
{
	char path[PATH_SIZE];
	struct stat status;

	snprintf(path, sizeof(path), "%s%s", month, name);
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int remove_days(struct removal *removal, const struct dump_name *month)
{
	char path[PATH_SIZE], below[DUMP_NAME_PATH];
	struct dirent **entries;
	int i, count, error = 0;

	snprintf(path, sizeof(path), "%s/%s", removal->directory,
	    dump_name_path(month, below));
	/* What is unfinished comes after what it is to be, and may be in its
	 * way: the newest first. */
	count = scandir(path, &entries, choose, alphasort);
	if (count < 0)
		return err_system(removal->err, -errno, "%s", path);
	for (i = count - 1; i >= 0; i--) {
		if (error == 0 && is_old(removal, month, entries[i]->d_name) &&
		    is_folder(path, entries[i]->d_name))
			error = remove_day(removal, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

/* Go down to the months that are not wholly new. */
static int walk(struct removal *removal, const struct dump_name *folder)
{
	char path[PATH_SIZE], below[DUMP_NAME_PATH];
	struct dump_entry *entries;
	size_t i, count;
	int error;

	if (dump_name_depth(folder) == DUMP_MONTH) {
		error = remove_days(removal, folder);
	} else {
		error = dump_folder_list(
		    removal->directory, folder, &entries, &count);
		if (error < 0)
			return error == -ENOENT
				   ? 0
				   : err_system(removal->err, error, "%s",
					 removal->directory);
		for (i = 0; i < count && error == 0; i++)
			if (compare(removal, &entries[i].name) >= 0)
				error = walk(removal, &entries[i].name);
		free(entries);
	}
	snprintf(path, sizeof(path), "%s/%s", removal->directory,
	    dump_name_path(folder, below));
	if (dump_name_depth(folder) != DUMP_ALL)
		rmdir(path); /* if it is empty */
	return error;
}

int dump_removal(const char *directory, int64_t day_ms, struct err *err)
{
	struct removal removal = {.directory = directory, .err = err};
	const struct dump_name all = {""};
	char time[RFC3339_SIZE];

	snprintf(removal.first, sizeof(removal.first), "%.10s",
	    rfc3339_format(day_ms, time));
	return walk(&removal, &all);
}
