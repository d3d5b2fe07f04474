/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rows.h"

static char directory[] = "/tmp/egress25-durable-XXXXXX";
static char long_name[253];

static const char *in_directory(const char *name, char path[512])
{
	snprintf(path, 512, "%s/%s", directory, name);
	return path;
}

static void assert_holds(const char *name, const char *text)
{
	char path[512], bytes[64];
	ssize_t got;
	int fd = open(in_directory(name, path), O_RDONLY);

	assert_true(fd >= 0);
	got = read(fd, bytes, sizeof(bytes));
	close(fd);
	assert_int_equal(got, strlen(text));
	assert_memory_equal(bytes, text, strlen(text));
}

static void assert_nothing_unfinished(void)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;

	while ((entry = readdir(entries)) != NULL)
		assert_null(strstr(entry->d_name, DURABLE_UNFINISHED));
	closedir(entries);
}

static void replaces(void **state)
{
	char path[512];
	struct stat status;
	int fd = open(directory, O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_int_equal(
	    durable_replace(AT_FDCWD, in_directory("a", path), "one", 3), 0);
	assert_holds("a", "one");
	assert_int_equal(durable_replace(fd, "a", "two, longer", 11), 0);
	assert_holds("a", "two, longer");
	assert_int_equal(durable_replace(fd, "a", "", 0), 0);
	assert_holds("a", "");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	close(fd);
}

static void creates_once(void **state)
{
	char path[512];

	(void)state;
	in_directory("b", path);
	assert_int_equal(durable_create(AT_FDCWD, path, "first", 5), 0);
	assert_int_equal(durable_create(AT_FDCWD, path, "second", 6), -EEXIST);
	assert_holds("b", "first");
}

static const struct failing_row {
	const char *name;
	const char *file;
	int replaced, created;
} failing_rows[] = {
    {"a directory that is not there fails", "none/a", -ENOENT, -ENOENT},
    {"a directory stands where the file should", "folder", -EISDIR, -EEXIST},
    {"a name that leaves no room for the ending", long_name, -ENAMETOOLONG,
	-ENAMETOOLONG},
};

static void fails(void **state)
{
	const struct failing_row *row = *state;
	char path[512];

	in_directory(row->file, path);
	assert_int_equal(
	    durable_replace(AT_FDCWD, path, "x", 1), row->replaced);
	assert_int_equal(durable_create(AT_FDCWD, path, "x", 1), row->created);
}

static void leaves_nothing(void **state)
{
	(void)state;
	assert_nothing_unfinished();
}

static void full_device(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(durable_write(fd, "x", 1), -ENOSPC);
	close(fd);
}

static void remove_all(void)
{
	char path[512];

	unlink(in_directory("a", path));
	unlink(in_directory("b", path));
	rmdir(in_directory("folder", path));
	rmdir(directory);
}

int main(void)
{
	struct test_list list = {0};
	char path[512];
	int status;

	if (mkdtemp(directory) == NULL ||
	    mkdir(in_directory("folder", path), 0700) < 0)
		return 1;
	memset(long_name, 'n', sizeof(long_name) - 1);
	test_add(
	    &list, "a file is replaced whole, for its owner alone", replaces);
	test_add(&list, "a file is made once; the second maker is told",
	    creates_once);
	TEST_ROWS(&list, failing_rows, fails);
	test_add(&list, "a full device is said", full_device);
	test_add(&list, "nothing unfinished is left behind", leaves_nothing);
	status = test_run("durable", &list);
	remove_all();
	return status;
}
