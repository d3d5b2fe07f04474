/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/rows.h"

#define ID(n) "01930000-0000-7000-8000-00000000000" #n

/* A state directory of its own for each test; `*state` is its path. */
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

static struct spool *open_spool(const char *path, int64_t most)
{
	struct spool *spool;
	struct err err;

	if (spool_open(path, most, &spool, &err) < 0)
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

	assert_int_equal(spool_oldest(spool, found, &json, &err), 0);
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
	assert_int_equal(spool_oldest(spool, id, &json, &err), -ENOENT);
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

static void no_directory(void **state)
{
	struct spool *spool;
	struct err err;

	(void)state;
	assert_int_equal(
	    spool_open("/nonexistent/egress25", 1000, &spool, &err), -ENOENT);
	assert_string_equal(
	    err.text, "/nonexistent/egress25/spool: No such file or directory");
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list, "reports come out by age, whatever order they came in",
	    oldest_first);
	test_add(
	    &list, "a restart finds what was kept, and no torn file", survives);
	test_add(
	    &list, "the oldest are dropped when there is no room", bounded);
	test_add(
	    &list, "a damaged file is set aside and blocks nobody", damaged);
	test_add(&list, "what can never be accepted is kept aside", aside);
	test_add(
	    &list, "a state directory that is not there is said", no_directory);
	return test_run("spool", &list);
}
