/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/net/authorities.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/rows.h"

/*
 * Files in a directory of the test: "d/" is one, and the bundles that are asked
 * for are its "first" and "second". Directories are named without it.
 */
static const struct bundle_row {
	const char *name;
	const char *files[4];
	const char *directories[2];
	const char *bundle; /* NULL: none */
} rows[] = {
    {"certificates by their hash are looked up", {"a/002c0b4f.0", "first"},
	{"a"}, NULL},
    {"without them a bundle is loaded", {"a/readme", "first"}, {"a"}, "first"},
    {"the first that is there", {"second"}, {"a"}, "second"},
    {"where none is, nobody is known", {"a/readme"}, {"a"}, NULL},
    {"no directory", {"first"}, {"none"}, "first"},
    {"the second of two directories", {"b/002c0b4f.1", "first"}, {"a", "b"},
	NULL},
    {"a revocation list has another name", {"a/002c0b4f.r0", "first"}, {"a"},
	"first"},
    {"a bundle beside them is no hash", {"a/ca-certificates.crt", "first"},
	{"a"}, "first"},
    {"seven digits are no hash", {"a/02c0b4f.0", "first"}, {"a"}, "first"},
};

static void touch(const char *folder, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void run_row(void **state)
{
	const struct bundle_row *row = *state;
	char folder[] = "/tmp/egress25-authorities-XXXXXX";
	char a[64], b[64], first[64], second[64], asked[160], command[96];
	const char *bundles[] = {first, second, NULL};
	const char *found, *wanted = NULL;
	size_t i;

	assert_non_null(mkdtemp(folder));
	snprintf(a, sizeof(a), "%s/a", folder);
	snprintf(b, sizeof(b), "%s/b", folder);
	snprintf(first, sizeof(first), "%s/first", folder);
	snprintf(second, sizeof(second), "%s/second", folder);
	assert_int_equal(mkdir(a, 0700) + mkdir(b, 0700), 0);
	for (i = 0; i < 4 && row->files[i] != NULL; i++)
		touch(folder, row->files[i]);
	snprintf(asked, sizeof(asked), "%s/%s:%s/%s", folder,
	    row->directories[0], folder,
	    row->directories[1] ? row->directories[1] : "none");
	found = authorities_bundle(asked, bundles);
	if (row->bundle != NULL)
		wanted = row->bundle[0] == 'f' ? first : second;
	assert_ptr_equal(found, wanted);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	return test_run("authorities", &list);
}
