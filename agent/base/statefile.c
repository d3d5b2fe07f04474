/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/durable.h"

#define PART 16384

/* --- the directory --- */

/* systemd makes the state directory of a dynamic user a link (systemd.exec(5));
 * whoever may plant another one is not root. */
static int open_link(const char *path, int *fd, struct err *err)
{
	struct stat status;

	if (lstat(path, &status) < 0 || !S_ISLNK(status.st_mode))
		return err_system(err, -ENOTDIR, "%s", path);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return err_input(err,
		    "%s: is another user's link; name the directory itself",
		    path);
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? err_system(err, -errno, "%s", path) : 0;
}

static int check_directory(int fd, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_system(err, -errno, "%s", path);
	if (geteuid() != 0 && status.st_uid != geteuid())
		return err_input(err, "%s: belongs to another user", path);
	if ((status.st_mode & 022) != 0)
		return err_input(err,
		    "%s: others may write to it (mode %04o); make it 0700",
		    path, (unsigned)status.st_mode & 07777);
	return 0;
}

int statefile_open(
    const char *path, bool make, struct state_directory *state, struct err *err)
{
	int error;

	state->fd = -1;
	snprintf(state->path, sizeof(state->path), "%s", path);
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", path);
	state->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (state->fd < 0 && errno != ENOTDIR)
		return err_system(err, -errno, "%s", path);
	error = state->fd < 0 ? open_link(path, &state->fd, err) : 0;
	if (error == 0)
		error = check_directory(state->fd, path, err);
	if (error < 0)
		statefile_close(state);
	return error;
}

void statefile_close(struct state_directory *state)
{
	if (state->fd >= 0)
		close(state->fd);
	state->fd = -1;
}

static int give_directory(int parent, int fd)
{
	struct stat owner;

	if (fstat(parent, &owner) < 0 ||
	    (geteuid() == 0 && owner.st_uid != 0 &&
		fchown(fd, owner.st_uid, owner.st_gid) < 0) ||
	    fsync(parent) < 0)
		return -errno;
	return 0;
}

static int check_subdirectory(int parent, int fd)
{
	struct stat owner, status;

	if (fstat(parent, &owner) < 0 || fstat(fd, &status) < 0)
		return -errno;
	return (status.st_uid == owner.st_uid || status.st_uid == geteuid()) &&
		       (status.st_mode & 022) == 0
		   ? 0
		   : -EPERM;
}

int statefile_open_subdirectory(int parent, const char *name)
{
	bool made = mkdirat(parent, name, 0700) == 0;
	int fd, error = 0;

	if (!made && errno != EEXIST)
		return -errno;
	fd = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = made ? give_directory(parent, fd)
		     : check_subdirectory(parent, fd);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* --- files --- */

/* A file with a second name may be anybody's; one that belongs to the
 * directory's owner is what he could write there anyway. */
static int check_file(int directory, int fd)
{
	struct stat file, owner;

	if (fstat(fd, &file) < 0 || fstat(directory, &owner) < 0)
		return -errno;
	if (!S_ISREG(file.st_mode) ||
	    (file.st_nlink > 1 && file.st_uid != owner.st_uid))
		return -EINVAL;
	return 0;
}

static int read_all(int fd, size_t most, struct buf *out)
{
	size_t before = out->length;
	ssize_t got = 1;
	char *room;

	while (got > 0 && out->length - before <= most) {
		room = buf_reserve(out, PART);
		if (room == NULL)
			return -ENOMEM;
		got = read(fd, room, PART);
		if (got > 0)
			buf_commit(out, (size_t)got);
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got < 0)
		return -EIO;
	return out->length - before <= most ? 0 : -EFBIG;
}

int statefile_read_at(
    int directory, const char *name, size_t most, struct buf *out)
{
	int fd = openat(directory, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int error;

	/* ELOOP: a link. ENXIO: a socket. */
	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EINVAL : -errno;
	error = check_file(directory, fd);
	if (error == 0)
		error = read_all(fd, most, out);
	close(fd);
	return error;
}

int statefile_read(const struct state_directory *state, const char *name,
    size_t most, struct buf *out, struct err *err)
{
	int error = statefile_read_at(state->fd, name, most, out);

	if (error == -EINVAL)
		return err_input(err,
		    "%s/%s: is no regular file of its owner's", state->path,
		    name);
	return error < 0 ? err_system(err, error, "%s/%s", state->path, name)
			 : 0;
}

int statefile_write(const struct state_directory *state, const char *name,
    const struct buf *text, struct err *err)
{
	int error = -ENOMEM;

	if (!text->failed)
		error = durable_replace(
		    state->fd, name, text->data, text->length);
	return error < 0 ? err_system(err, error, "%s/%s", state->path, name)
			 : 0;
}
