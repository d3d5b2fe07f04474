/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/rows.h"

/* In here: STATE, a directory, and `victim`, a file outside of it. */
static char top[] = "/tmp/egress25-statefile-XXXXXX";
static char state_path[64], victim[64], file[64], unfinished[64];

static void run(const char *what, const char *path)
{
	char command[300];

	snprintf(command, sizeof(command), "%s %s", what, path);
	assert_int_equal(system(command), 0);
}

static void set_up(void)
{
	FILE *out;

	assert_int_equal(mkdir(state_path, 0700), 0);
	out = fopen(victim, "w");
	assert_non_null(out);
	fputs("precious", out);
	fclose(out);
}

static void clean_up(void)
{
	run("rm -r", state_path);
	assert_int_equal(unlink(victim), 0);
}

static void plant_link(const char *at)
{
	assert_int_equal(symlink(victim, at), 0);
}

static void plant_dangling(const char *at)
{
	assert_int_equal(symlink("nowhere", at), 0);
}

static void plant_fifo(const char *at)
{
	assert_int_equal(mkfifo(at, 0600), 0);
}

static void plant_device(const char *at)
{
	assert_int_equal(symlink("/dev/zero", at), 0);
}

static void plant_directory(const char *at)
{
	assert_int_equal(mkdir(at, 0700), 0);
}

static void plant_socket(const char *at)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(name.sun_path, at);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
}

static void plant_huge(const char *at)
{
	int fd = open(at, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(ftruncate(fd, INT64_C(1) << 32), 0);
	close(fd);
}

static const struct planted_row {
	const char *name;
	void (*plant)(const char *at);
	int read, write;      /* where the file should be */
	int write_unfinished; /* where its unfinished one should be */
} planted_rows[] = {
    {"nothing", NULL, -ENOENT, 0, 0},
    {"a link to somebody's file", plant_link, -EINVAL, 0, 0},
    {"a link to nowhere", plant_dangling, -EINVAL, 0, 0},
    {"a FIFO", plant_fifo, -EINVAL, 0, 0},
    {"a link to an endless device", plant_device, -EINVAL, 0, 0},
    {"a socket", plant_socket, -EINVAL, 0, 0},
    {"a directory", plant_directory, -EINVAL, -EISDIR, -EISDIR},
    {"a file of 4 GiB", plant_huge, -EFBIG, 0, 0},
};

static void assert_victim_is_whole(void)
{
	char bytes[32] = "";
	struct stat status;
	int fd = open(victim, O_RDONLY);

	assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), 8);
	assert_string_equal(bytes, "precious");
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_uid, geteuid());
	close(fd);
}

static void planted(void **row_state)
{
	const struct planted_row *row = *row_state;
	struct buf text = {0}, got = {0};
	struct state_directory state;
	struct err err;

	set_up();
	buf_append_text(&text, "new");
	assert_int_equal(statefile_open(state_path, false, &state, &err), 0);
	if (row->plant != NULL)
		row->plant(file);
	assert_int_equal(
	    statefile_read(&state, "status.json", 100, &got, &err), row->read);
	buf_clear(&got);
	assert_int_equal(
	    statefile_write(&state, "status.json", &text, &err), row->write);
	if (row->write == 0) {
		assert_int_equal(
		    statefile_read(&state, "status.json", 100, &got, &err), 0);
		assert_int_equal(got.length, 3);
	}
	run("rm -rf", file);
	if (row->plant != NULL)
		row->plant(unfinished);
	assert_int_equal(statefile_write(&state, "status.json", &text, &err),
	    row->write_unfinished);
	assert_victim_is_whole();
	statefile_close(&state);
	buf_free(&text);
	buf_free(&got);
	clean_up();
}

/* The directory that was opened stays the one that is used. */
static void moved_away(void **row_state)
{
	struct state_directory state;
	struct buf text = {0};
	struct err err;
	char other[80];

	(void)row_state;
	set_up();
	snprintf(other, sizeof(other), "%s.other", state_path);
	buf_append_text(&text, "new");
	assert_int_equal(statefile_open(state_path, false, &state, &err), 0);
	assert_int_equal(rename(state_path, other), 0);
	assert_int_equal(symlink("/tmp", state_path), 0);
	assert_int_equal(
	    statefile_write(&state, "status.json", &text, &err), 0);
	assert_int_equal(access("/tmp/status.json", F_OK), -1);
	assert_int_equal(unlink(state_path), 0);
	assert_int_equal(rename(other, state_path), 0);
	assert_int_equal(access(file, F_OK), 0);
	statefile_close(&state);
	buf_free(&text);
	clean_up();
}

static const struct directory_row {
	const char *name, *make; /* a command, before its path */
	int error;
} directory_rows[] = {
    {"a directory", "mkdir -m 700", 0},
    {"one that others may list", "mkdir -m 755", 0},
    {"one to which its group may write", "mkdir -m 770", -EINVAL},
    {"one to which anybody may write", "mkdir -m 1777", -EINVAL},
    {"a link of one's own to a directory", "ln -s .", 0},
    {"a link to a directory to which anybody may write", "ln -s /tmp", -EINVAL},
    {"a file", "touch", -ENOTDIR},
    {"a FIFO in its place", "mkfifo", -ENOTDIR},
    {"none", "true", -ENOENT},
};

static void directory(void **row_state)
{
	const struct directory_row *row = *row_state;
	struct state_directory state;
	struct err err;

	run(row->make, state_path);
	assert_int_equal(
	    statefile_open(state_path, false, &state, &err), row->error);
	assert_int_equal(state.fd >= 0, row->error == 0);
	statefile_close(&state);
	run("rm -rf", state_path);
}

static void made(void **row_state)
{
	struct state_directory state;
	struct stat status;
	struct err err;

	(void)row_state;
	assert_int_equal(statefile_open(state_path, true, &state, &err), 0);
	assert_int_equal(stat(state_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	statefile_close(&state);
	assert_int_equal(rmdir(state_path), 0);
}

int main(void)
{
	struct test_list list = {0};
	int result;

	if (mkdtemp(top) == NULL)
		return 1;
	snprintf(state_path, sizeof(state_path), "%s/s", top);
	snprintf(victim, sizeof(victim), "%s/victim", top);
	snprintf(file, sizeof(file), "%s/s/status.json", top);
	snprintf(unfinished, sizeof(unfinished), "%s/s/status.json.new", top);
	TEST_ROWS(&list, planted_rows, planted);
	test_add(&list, "a directory that is moved away while it is open",
	    moved_away);
	TEST_ROWS(&list, directory_rows, directory);
	test_add(&list, "a directory is made for its owner alone", made);
	result = test_run("statefile", &list);
	rmdir(top);
	return result;
}
