/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/base/durable.h"

/* The disk begins to write a long file while more of it is made, so that the
 * sync at its end, for which others' may have to wait, is short. */
#define AHEAD       (8 << 20)
#define GZIP_WINDOW 31 /* zlib.h: the greatest window, with gzip's header */

int output_file_unfinished(
    const char *output, char path[PATH_MAX], struct err *err)
{
	if (snprintf(path, PATH_MAX, "%s" DURABLE_UNFINISHED, output) <
	    PATH_MAX)
		return 0;
	path[0] = '\0';
	return err_input(err, "--output: the path is too long");
}

int output_file_publish(
    const char *unfinished, const char *output, struct err *err)
{
	int error;

	if (rename(unfinished, output) < 0) {
		error = err_system(err, -errno, "%s", output);
		unlink(unfinished);
		return error;
	}
	error = durable_sync_parent(output);
	return error < 0 ? err_system(err, error, "%s", output) : 0;
}

/* A pipe or a device. What has meanwhile become a file is left alone. */
static int open_special(const char *path)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -EEXIST;
}

/* Others may write to the directory, and root follows no link of theirs. */
static int open_path(struct output_file *file, struct err *err)
{
	const char *path = file->path;
	struct stat status;
	int fd;

	if (stat(path, &status) < 0 || S_ISREG(status.st_mode)) {
		if (output_file_unfinished(path, file->unfinished, err) < 0)
			return -EINVAL;
		fd = durable_open_new(AT_FDCWD, file->unfinished, 0666);
	} else {
		fd = open_special(path);
	}
	if (fd < 0)
		return err_input(err, "%s: %s", path, strerror(-fd));
	file->out = fdopen(fd, "w");
	if (file->out != NULL)
		return 0;
	close(fd);
	return err_system(err, -ENOMEM, "%s", path);
}

int output_file_open(
    struct output_file *file, const char *path, bool gzip, struct err *err)
{
	int error = 0;

	memset(file, 0, sizeof(*file));
	file->path = path;
	file->out = stdout;
	if (path != NULL)
		error = open_path(file, err);
	if (error < 0 || !gzip)
		return error;
	if (deflateInit2(&file->zip, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
		GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		output_file_abandon(file);
		return err_system(err, -ENOMEM, "compress");
	}
	file->is_zipped = true;
	return 0;
}

int output_file_digest(struct output_file *file, struct err *err)
{
	file->digest = EVP_MD_CTX_new();
	if (file->digest != NULL &&
	    EVP_DigestInit_ex(file->digest, EVP_sha256(), NULL) == 1)
		return 0;
	return err_system(err, -ENOMEM, "a digest");
}

static void end_digest(struct output_file *file)
{
	uint8_t digest[32];

	if (file->digest == NULL)
		return;
	EVP_DigestFinal_ex(file->digest, digest, NULL);
	hex_encode(digest, sizeof(digest), file->sha256);
	EVP_MD_CTX_free(file->digest);
	file->digest = NULL;
}

static int write_plain(
    struct output_file *file, const void *bytes, size_t length)
{
	errno = 0;
	if (fwrite(bytes, 1, length, file->out) != length)
		return errno != 0 ? -errno : -EIO;
	if (file->digest != NULL)
		EVP_DigestUpdate(file->digest, bytes, length);
	if (file->unfinished[0] != '\0' &&
	    (file->bytes + (int64_t)length) / AHEAD > file->bytes / AHEAD)
		sync_file_range(fileno(file->out), 0, 0, SYNC_FILE_RANGE_WRITE);
	file->bytes += (int64_t)length;
	return 0;
}

static int write_zipped(
    struct output_file *file, const void *bytes, size_t length, int flush)
{
	unsigned char out[16384];
	int error = 0;

	file->zip.next_in = (unsigned char *)bytes;
	file->zip.avail_in = (unsigned)length;
	do {
		file->zip.next_out = out;
		file->zip.avail_out = sizeof(out);
		deflate(&file->zip, flush);
		error = write_plain(
		    file, out, sizeof(out) - file->zip.avail_out);
	} while (error == 0 && file->zip.avail_out == 0);
	return error;
}

int output_file_write(void *arg, const void *bytes, size_t length)
{
	struct output_file *file = arg;

	return file->is_zipped ? write_zipped(file, bytes, length, Z_NO_FLUSH)
			       : write_plain(file, bytes, length);
}

/* Flush, sync a file, and close all but stdout. 0 or -errno. */
static int close_file(struct output_file *file)
{
	FILE *out = file->out;
	int error = 0;

	if (file->is_zipped) {
		error = write_zipped(file, NULL, 0, Z_FINISH);
		deflateEnd(&file->zip);
		file->is_zipped = false;
	}
	end_digest(file);
	file->out = stdout;
	if (fflush(out) != 0 && error == 0)
		error = -errno;
	if (error == 0 && file->unfinished[0] != '\0' && fsync(fileno(out)) < 0)
		error = -errno;
	if (out != stdout && fclose(out) != 0 && error == 0)
		error = -errno;
	return error;
}

int output_file_finish(struct output_file *file, struct err *err)
{
	int error = close_file(file);

	if (error == 0 && file->unfinished[0] != '\0')
		return output_file_publish(file->unfinished, file->path, err);
	if (error == 0)
		return 0;
	if (file->unfinished[0] != '\0')
		unlink(file->unfinished);
	return err_system(
	    err, error, "%s", file->path != NULL ? file->path : "stdout");
}

void output_file_abandon(struct output_file *file)
{
	EVP_MD_CTX_free(file->digest);
	file->digest = NULL;
	if (file->is_zipped)
		deflateEnd(&file->zip);
	if (file->out != NULL && file->out != stdout)
		fclose(file->out);
	if (file->unfinished[0] != '\0')
		unlink(file->unfinished);
}
