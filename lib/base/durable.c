/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/random.h"

int durable_write(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t written;

	while (length > 0) {
		written = write(fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		at += written;
		length -= (size_t)written;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int sync_parent_at(int directory, const char *path)
{
	char parent[PATH_MAX];
	char *slash;
	int fd, error;

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash == NULL)
		strcpy(parent, ".");
	else
		slash[slash == parent] = '\0';
	fd = openat(directory, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* EINVAL: the file system cannot fsync a directory. */
	error = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
	close(fd);
	return error;
}

int durable_sync_parent(const char *path)
{
	return sync_parent_at(AT_FDCWD, path);
}

/* The service may run as another user than root, who enrols it. */
static int give_to_owner(int directory, int fd)
{
	struct stat owner;

	if (directory == AT_FDCWD || geteuid() != 0)
		return 0;
	if (fstat(directory, &owner) < 0)
		return -errno;
	return owner.st_uid != 0 && fchown(fd, owner.st_uid, owner.st_gid) < 0
		   ? -errno
		   : 0;
}

int durable_open_new(int directory, const char *name, mode_t mode)
{
	int fd;

	if (unlinkat(directory, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(directory, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

static int write_file(
    int directory, const char *name, const void *bytes, size_t length)
{
	int fd = durable_open_new(directory, name, 0600);
	int error;

	if (fd < 0)
		return fd;
	error = give_to_owner(directory, fd);
	if (error == 0)
		error = durable_write(fd, bytes, length);
	if (close(fd) < 0 && error == 0)
		error = -errno;
	if (error < 0)
		unlinkat(directory, name, 0);
	return error;
}

int durable_replace(
    int directory, const char *name, const void *bytes, size_t length)
{
	char unfinished[PATH_MAX];
	int error;

	if ((size_t)snprintf(unfinished, sizeof(unfinished),
		"%s" DURABLE_UNFINISHED, name) >= sizeof(unfinished))
		return -ENAMETOOLONG;
	error = write_file(directory, unfinished, bytes, length);
	if (error < 0)
		return error;
	if (renameat(directory, unfinished, directory, name) < 0) {
		error = -errno;
		unlinkat(directory, unfinished, 0);
		return error;
	}
	return sync_parent_at(directory, name);
}

/* Random, because two containers that share a volume may have the same PID. */
static int name_unfinished(const char *path, char name[PATH_MAX])
{
	uint64_t number;

	random_bytes(&number, sizeof(number));
	if (snprintf(name, PATH_MAX, "%s.%016" PRIx64 DURABLE_UNFINISHED, path,
		number) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int durable_create(
    int directory, const char *name, const void *bytes, size_t length)
{
	char unfinished[PATH_MAX];
	int error, sync_error;

	error = name_unfinished(name, unfinished);
	if (error == 0)
		error = write_file(directory, unfinished, bytes, length);
	if (error < 0)
		return error;
	if (linkat(directory, unfinished, directory, name, 0) < 0)
		error = -errno;
	unlinkat(directory, unfinished, 0);
	if (error < 0 && error != -EEXIST)
		return error;
	sync_error = sync_parent_at(directory, name);
	return sync_error < 0 ? sync_error : error;
}
