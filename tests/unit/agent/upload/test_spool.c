/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/upload/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/durable.h"
#include "tests/support/rows.h"

#define ID(n) "01930000-0000-7000-8000-00000000000" #n

/* Each test has its own state directory; `*state` is its path. */
static char *make_directory(void)
{
	char *path = strdup("/tmp/egress25-spool-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static void remove_directory(char *path)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", path);
	assert_int_equal(system(command), 0);
	free(path);
}

static int try_open(
    const char *path, int64_t most, struct spool **spool, struct err *err)
{
	struct state_directory state;
	int error = statefile_open(path, false, &state, err);

	if (error == 0)
		error = spool_open(&state, most, spool, err);
	statefile_close(&state);
	return error;
}

static struct spool *open_spool(const char *path, int64_t most)
{
	struct spool *spool;
	struct err err;

	if (try_open(path, most, &spool, &err) < 0)
		fail_msg("%s", err.text);
	return spool;
}

static void put(struct spool *spool, const char *id, const char *text)
{
	struct err err;

	if (spool_put(spool, id, text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
}

static void expect_oldest(struct spool *spool, const char *id, const char *text)
{
	struct buf json = {0};
	char found[REPORT_ID_SIZE];
	struct err err;

	assert_int_equal(spool_next(spool, "", found, &json, &err), 0);
	assert_string_equal(found, id);
	assert_string_equal(json.data, text);
	buf_free(&json);
}

static void write_to(const char *path, const char *name, const char *text)
{
	char whole[200];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/spool/%s", path, name);
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool is_there(const char *path, const char *name)
{
	char whole[200];

	snprintf(whole, sizeof(whole), "%s/spool/%s", path, name);
	return access(whole, F_OK) == 0;
}

static void oldest_first(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000000);
	struct buf json = {0};
	char id[REPORT_ID_SIZE];
	struct err err;

	(void)state;
	put(spool, ID(2), "two");
	put(spool, ID(1), "one");
	put(spool, ID(3), "three");
	assert_int_equal(spool_count(spool), 3);
	expect_oldest(spool, ID(1), "one");
	assert_int_equal(spool_remove(spool, ID(1), &err), 0);
	expect_oldest(spool, ID(2), "two");
	assert_int_equal(spool_remove(spool, ID(2), &err), 0);
	assert_int_equal(spool_remove(spool, ID(3), &err), 0);
	assert_int_equal(spool_next(spool, "", id, &json, &err), -ENOENT);
	buf_free(&json);
	spool_close(spool);
	remove_directory(path);
}

static void behind_another(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000000);
	struct buf json = {0};
	char id[REPORT_ID_SIZE];
	struct err err;

	(void)state;
	put(spool, ID(1), "one");
	put(spool, ID(2), "two");
	put(spool, ID(4), "four");
	assert_int_equal(spool_next(spool, ID(1), id, &json, &err), 0);
	assert_string_equal(id, ID(2));
	assert_string_equal(json.data, "two");
	assert_int_equal(spool_next(spool, ID(3), id, &json, &err), 0);
	assert_string_equal(id, ID(4));
	assert_int_equal(spool_next(spool, ID(4), id, &json, &err), -ENOENT);
	assert_int_equal(spool_count(spool), 3);
	buf_free(&json);
	spool_close(spool);
	remove_directory(path);
}

static void survives(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000000);

	(void)state;
	put(spool, ID(1), "one");
	spool_close(spool);
	write_to(path, ID(2) ".json.new", "half a rep");
	spool = open_spool(path, 1000000);
	assert_int_equal(spool_count(spool), 1);
	expect_oldest(spool, ID(1), "one");
	assert_false(is_there(path, ID(2) ".json.new"));
	spool_close(spool);
	remove_directory(path);
}

static void bounded(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 10);

	(void)state;
	put(spool, ID(1), "12345");
	put(spool, ID(2), "12345");
	put(spool, ID(3), "123456");
	assert_int_equal(spool_dropped(spool), 2);
	expect_oldest(spool, ID(3), "123456");
	put(spool, ID(4), "longer than all the room there is");
	expect_oldest(spool, ID(4), "longer than all the room there is");
	spool_close(spool);
	remove_directory(path);
}

static void damaged(void **state)
{
	char *path = make_directory();
	struct spool *spool;

	(void)state;
	spool_close(open_spool(path, 1000));
	write_to(path, ID(1) ".json", "");
	spool = open_spool(path, 1000);
	put(spool, ID(2), "two");
	expect_oldest(spool, ID(2), "two");
	assert_true(is_there(path, "refused/" ID(1) ".json"));
	spool_close(spool);
	remove_directory(path);
}

static void aside(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000);
	struct err err;

	(void)state;
	put(spool, ID(1), "one");
	assert_int_equal(spool_set_aside(spool, ID(1), &err), 0);
	assert_int_equal(spool_count(spool), 0);
	assert_true(is_there(path, "refused/" ID(1) ".json"));
	spool_close(spool);
	spool = open_spool(path, 1000);
	assert_int_equal(spool_count(spool), 0);
	spool_close(spool);
	remove_directory(path);
}

static void aside_bounded(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 40);
	struct err err;

	(void)state;
	put(spool, ID(1), "12345");
	put(spool, ID(2), "12345");
	put(spool, ID(3), "123456");
	assert_int_equal(spool_set_aside(spool, ID(1), &err), 0);
	assert_int_equal(spool_set_aside(spool, ID(2), &err), 0);
	spool_close(spool);
	spool = open_spool(path, 40);
	assert_int_equal(spool_set_aside(spool, ID(3), &err), 0);
	assert_false(is_there(path, "refused/" ID(1) ".json"));
	assert_false(is_there(path, "refused/" ID(2) ".json"));
	assert_true(is_there(path, "refused/" ID(3) ".json"));
	assert_int_equal(spool_dropped(spool), 0);
	spool_close(spool);
	remove_directory(path);
}

static void bad_ids(void **state)
{
	static const char *const ids[] = {"", "short", "../" ID(1), ID(1) "0"};
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000);
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		assert_int_equal(
		    spool_put(spool, ids[i], "x", 1, &err), -EINVAL);
	assert_int_equal(spool_count(spool), 0);
	spool_close(spool);
	remove_directory(path);
}

static void twice(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000);
	struct err err;

	(void)state;
	put(spool, ID(1), "one");
	put(spool, ID(1), "two");
	assert_int_equal(spool_count(spool), 1);
	expect_oldest(spool, ID(1), "two");
	assert_int_equal(spool_remove(spool, ID(1), &err), 0);
	assert_int_equal(spool_count(spool), 0);
	spool_close(spool);
	remove_directory(path);
}

static void newest(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000);
	struct err err;

	(void)state;
	assert_int_equal(spool_newest_ms(spool), 0);
	put(spool, "019ab000-0001-7000-8000-000000000000", "a");
	put(spool, "019aa000-ffff-7000-8000-000000000000", "b");
	assert_true(spool_newest_ms(spool) == INT64_C(0x019ab0000001));
	assert_int_equal(
	    spool_remove(spool, "019ab000-0001-7000-8000-000000000000", &err),
	    0);
	assert_true(spool_newest_ms(spool) == INT64_C(0x019aa000ffff));
	spool_close(spool);
	remove_directory(path);
}

#define WHOLE_BYTES 50000

/* A process that spools reports until it is killed. */
static void keep_on(const char *path)
{
	static char text[WHOLE_BYTES + 1];
	struct spool *spool = open_spool(path, 1000000000);
	char id[REPORT_ID_SIZE];
	unsigned n;

	memset(text, 'x', WHOLE_BYTES);
	for (n = 0; n < 100000; n++) {
		snprintf(id, sizeof(id), "%08x-0000-7000-8000-000000000000",
		    (unsigned)getpid() * 100000 + n);
		put(spool, id, text);
	}
	_exit(0);
}

static void killed(void **state)
{
	char *path = make_directory();
	struct timespec moment = {0};
	struct buf json = {0};
	char id[REPORT_ID_SIZE];
	struct spool *spool;
	struct err err;
	pid_t child;
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		child = fork();
		if (child == 0)
			keep_on(path);
		moment.tv_nsec = (20 + 7 * i) * 1000000l;
		nanosleep(&moment, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	spool = open_spool(path, 1000000000);
	assert_true(spool_count(spool) > 0);
	while (spool_next(spool, "", id, &json, &err) == 0) {
		assert_int_equal(json.length, WHOLE_BYTES);
		assert_int_equal(spool_remove(spool, id, &err), 0);
	}
	buf_free(&json);
	spool_close(spool);
	remove_directory(path);
}

/* Days without a collector: opening is fast, whatever the order in which the
 * directory is read. */
static void many(void **state)
{
	char *path = make_directory();
	struct spool *spool;
	struct timespec begin, end;
	char name[100];
	int i;

	(void)state;
	spool_close(open_spool(path, 100000000));
	for (i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name),
		    "%08x-0000-7000-8000-000000000000.json",
		    (unsigned)i * 2654435761u);
		write_to(path, name, "x");
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	spool = open_spool(path, 100000000);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(spool_count(spool), 20000);
	assert_true(end.tv_sec - begin.tv_sec < 5);
	expect_oldest(spool, "00000000-0000-7000-8000-000000000000", "x");
	spool_close(spool);
	remove_directory(path);
}

static void one_at_a_time(void **state)
{
	char *path = make_directory();
	struct spool *spool = open_spool(path, 1000), *other;
	char expected[200];
	struct err err;

	(void)state;
	assert_int_equal(try_open(path, 1000, &other, &err), -EBUSY);
	snprintf(expected, sizeof(expected),
	    "%s/spool: in use by another agent: Device or resource busy", path);
	assert_string_equal(err.text, expected);
	spool_close(spool);
	spool_close(open_spool(path, 1000));
	remove_directory(path);
}

/* What is planted where a report or a directory of them should be. */
static void planted(void **state)
{
	char *path = make_directory(), at[200];
	struct spool *spool = open_spool(path, 1000);
	struct err err;

	(void)state;
	put(spool, ID(1), "one");
	put(spool, ID(2), "two");
	put(spool, ID(3), "three");
	snprintf(at, sizeof(at), "%s/spool/" ID(1) ".json", path);
	assert_int_equal(unlink(at), 0);
	assert_int_equal(mkfifo(at, 0600), 0);
	snprintf(at, sizeof(at), "%s/spool/" ID(2) ".json", path);
	assert_int_equal(unlink(at), 0);
	assert_int_equal(symlink("/dev/zero", at), 0);
	expect_oldest(spool, ID(3), "three");
	spool_close(spool);

	snprintf(at, sizeof(at), "%s/spool/" ID(4) ".json", path);
	assert_int_equal(mkfifo(at, 0600), 0);
	snprintf(at, sizeof(at), "%s/spool/x" DURABLE_UNFINISHED, path);
	assert_int_equal(mkdir(at, 0700), 0);
	spool = open_spool(path, 1000);
	assert_int_equal(spool_count(spool), 1);
	spool_close(spool);

	snprintf(at, sizeof(at), "rm -r %s/spool", path);
	assert_int_equal(system(at), 0);
	snprintf(at, sizeof(at), "%s/spool", path);
	assert_int_equal(symlink("/tmp", at), 0);
	assert_true(try_open(path, 1000, &spool, &err) < 0);
	assert_int_equal(unlink(at), 0);
	assert_int_equal(mkfifo(at, 0600), 0);
	assert_true(try_open(path, 1000, &spool, &err) < 0);
	remove_directory(path);
}

static void no_directory(void **state)
{
	struct spool *spool;
	struct err err;

	(void)state;
	assert_int_equal(
	    try_open("/nonexistent/egress25", 1000, &spool, &err), -ENOENT);
	assert_string_equal(
	    err.text, "/nonexistent/egress25: No such file or directory");
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list,
	    "reports come out oldest first, however they were added",
	    oldest_first);
	test_add(&list, "the next is the oldest behind another, there or not",
	    behind_another);
	test_add(
	    &list, "a restart finds what was kept, and no torn file", survives);
	test_add(
	    &list, "the oldest are dropped when there is no room", bounded);
	test_add(
	    &list, "a damaged file is set aside and blocks nobody", damaged);
	test_add(&list, "a refused report is set aside", aside);
	test_add(&list, "refused reports are bounded too", aside_bounded);
	test_add(&list, "an invalid id is refused", bad_ids);
	test_add(&list, "a report spooled twice is there once", twice);
	test_add(&list, "the newest report's time is known", newest);
	test_add(
	    &list, "reports spooled by a killed process are whole", killed);
	test_add(&list, "twenty thousand reports are opened quickly", many);
	test_add(&list, "two agents do not share a spool", one_at_a_time);
	test_add(
	    &list, "links, FIFOs and directories in it do no harm", planted);
	test_add(
	    &list, "a state directory that is not there is said", no_directory);
	return test_run("spool", &list);
}
