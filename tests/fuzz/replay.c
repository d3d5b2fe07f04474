/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs every file of the directories on the command line through a fuzz
 * target, without libFuzzer: one test a file, as TAP.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

/* All bytes of a file in memory of exactly their number, so that a read
 * beyond the end is seen. NULL: it cannot be read. */
static uint8_t *read_whole(const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	uint8_t *bytes = NULL;
	long size;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0) {
		rewind(file);
		*length = (size_t)size;
		bytes = malloc(*length > 0 ? *length : 1);
		if (bytes != NULL &&
		    fread(bytes, 1, *length, file) != *length) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(file);
	return bytes;
}

static bool replay_file(const char *path)
{
	size_t length = 0;
	uint8_t *bytes = read_whole(path, &length);

	if (bytes == NULL)
		return false;
	LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	return true;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns how many of its files could not be replayed; an empty directory
 * is one. */
static int replay_directory(const char *directory, int *count)
{
	struct dirent **entries;
	char path[4096];
	int n = scandir(directory, &entries, not_hidden, alphasort);
	int i, failed = 0;
	bool well;

	if (n <= 0) {
		printf("not ok %d - %s has no file\n", ++*count, directory);
		return 1;
	}
	for (i = 0; i < n; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		well = replay_file(path);
		printf("%s %d - %s\n", well ? "ok" : "not ok", ++*count,
		    entries[i]->d_name);
		failed += !well;
		free(entries[i]);
	}
	free(entries);
	return failed;
}

int main(int argc, char **argv)
{
	int i, count = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < argc; i++)
		failed += replay_directory(argv[i], &count);
	printf("1..%d\n", count);
	return failed != 0;
}
