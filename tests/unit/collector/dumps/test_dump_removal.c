/* SPDX-License-Identifier: Apache-2.0 */

/* What goes of a directory of dumps where the days from 15 March 2026 on stay,
 * and what does not. A name that ends in '/' is a folder without files. */

#include "collector/dumps/dump_removal.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rows.h"

#define FIRST_MS (INT64_C(1773532800) * 1000)
#define NAMES    5

static const struct row {
	const char *name;
	const char *made[NAMES];
	const char *gone[NAMES], *there[NAMES];
} rows[] = {
    {"a day before goes, with all that a dump writes",
	{"2026/03/14/SHA256SUMS", "2026/03/14/datapackage.json",
	    "2026/03/14/events.csv.gz", "2026/03/14/events.parquet"},
	{"2026/03/14", "2026/03", "2026"}},
    {"the first day that stays, and those after it, stay",
	{"2026/03/15/SHA256SUMS", "2026/03/31/SHA256SUMS",
	    "2026/04/01/SHA256SUMS", "2027/01/01/SHA256SUMS"},
	{0},
	{"2026/03/15/SHA256SUMS", "2026/03/31/SHA256SUMS",
	    "2026/04/01/SHA256SUMS", "2027/01/01/SHA256SUMS"}},
    {"a month and a year before go, and what is left of the year stays",
	{"2025/12/31/SHA256SUMS", "2026/02/28/SHA256SUMS",
	    "2026/03/15/SHA256SUMS"},
	{"2025", "2026/02"}, {"2026/03/15/SHA256SUMS"}},
    {"each version goes",
	{"2026/03/14/SHA256SUMS", "2026/03/14.2/SHA256SUMS",
	    "2026/03/14.10/SHA256SUMS", "2026/03/15.2/SHA256SUMS"},
	{"2026/03/14", "2026/03/14.2", "2026/03/14.10"},
	{"2026/03/15.2/SHA256SUMS"}},
    {"what a removal or a dump left unfinished goes",
	{"2026/03/14.new/events.csv.gz.new", "2026/03/14/SHA256SUMS",
	    "2026/03/13.new/", "2026/03/15.new/events.csv.gz"},
	{"2026/03/14.new", "2026/03/14", "2026/03/13.new"},
	{"2026/03/15.new/events.csv.gz"}},
    {"a day with a file of somebody's own stays whole",
	{"2026/03/14/notes.txt", "2026/03/14/SHA256SUMS",
	    "2026/03/13/SHA256SUMS"},
	{"2026/03/13"}, {"2026/03/14/notes.txt", "2026/03/14/SHA256SUMS"}},
    {"a day with a folder in it stays whole",
	{"2026/03/14/more.parquet/", "2026/03/14/SHA256SUMS"}, {0},
	{"2026/03/14/more.parquet", "2026/03/14/SHA256SUMS"}},
    {"other names are nobody's days",
	{"2026/03/14.old/SHA256SUMS", "2026/3/14/SHA256SUMS",
	    "2026/13/14/SHA256SUMS", "backup/03/14/SHA256SUMS", ".lock"},
	{0},
	{"2026/03/14.old/SHA256SUMS", "2026/3/14/SHA256SUMS",
	    "2026/13/14/SHA256SUMS", "backup/03/14/SHA256SUMS", ".lock"}},
    {"a file that has a day's name stays", {"2026/03/14"}, {0}, {"2026/03/14"}},
};

static void make(const char *folder, const char *name)
{
	char path[PATH_MAX], *slash;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (slash = strchr(path + strlen(folder) + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
	if (path[strlen(path) - 1] == '/')
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static bool is_there(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lstat(path, &status) == 0;
}

static void clear(const char *folder)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	char folder[] = "/tmp/egress25-removal-XXXXXX";
	struct err err = {""};
	size_t i, turn;

	assert_non_null(mkdtemp(folder));
	for (i = 0; i < NAMES && row->made[i] != NULL; i++)
		make(folder, row->made[i]);
	for (turn = 0; turn < 2; turn++) {
		assert_int_equal(dump_removal(folder, FIRST_MS, &err), 0);
		for (i = 0; i < NAMES && row->gone[i] != NULL; i++)
			assert_false(is_there(folder, row->gone[i]));
		for (i = 0; i < NAMES && row->there[i] != NULL; i++)
			assert_true(is_there(folder, row->there[i]));
	}
	clear(folder);
}

/* Into a link the removal does not go: what is behind it is not ours. */
static void of_links(void **state)
{
	char folder[] = "/tmp/egress25-removal-XXXXXX", to[PATH_MAX],
	     from[PATH_MAX];
	struct err err = {""};

	assert_non_null(mkdtemp(folder));
	make(folder, "other/14/SHA256SUMS");
	make(folder, "2026/03/13/SHA256SUMS");
	snprintf(to, sizeof(to), "%s/other", folder);
	snprintf(from, sizeof(from), "%s/2026/02", folder);
	assert_int_equal(symlink(to, from), 0);
	snprintf(to, sizeof(to), "%s/other/14", folder);
	snprintf(from, sizeof(from), "%s/2026/03/14", folder);
	assert_int_equal(symlink(to, from), 0);
	assert_int_equal(dump_removal(folder, FIRST_MS, &err), 0);
	assert_true(is_there(folder, "other/14/SHA256SUMS"));
	assert_true(is_there(folder, "2026/02"));
	assert_true(is_there(folder, "2026/03/14"));
	assert_false(is_there(folder, "2026/03/13"));
	clear(folder);
}

static void of_none(void **state)
{
	struct err err = {""};

	assert_int_equal(
	    dump_removal("/tmp/egress25-no-such-folder", FIRST_MS, &err), 0);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	test_add(&list, "no link is followed", of_links);
	test_add(&list, "a directory that is not there has no days", of_none);
	return test_run("dump_removal", &list);
}
