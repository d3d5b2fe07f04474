/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_changed.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "collector/dumps/export_rows.h"
#include "lib/base/day.h"

#define DIGEST_SIZE 32

static const struct {
	enum export_what what;
	const char *name;
} tables[] = {
    {EXPORT_MEASUREMENTS, "measurements.csv.gz"},
    {EXPORT_HISTORY, "networks.csv.gz"},
    {EXPORT_EVENTS, "events.csv.gz"},
};

static int add(void *arg, const void *bytes, size_t length)
{
	return EVP_DigestUpdate(arg, bytes, length) == 1 ? 0 : -EIO;
}

/* The digest of the rows as CSV, without writing them. */
static int digest_rows(struct store *store, enum export_what what,
    int64_t day_ms, EVP_MD_CTX *context, struct err *err)
{
	struct export_request request = {
	    .what = what, .format = EXPORT_CSV, .is_quiet = true};
	int64_t rows;

	row_filter_init(&request.filter);
	request.filter.since_ms = day_ms;
	request.filter.until_ms = day_ms + DAY_MS;
	return export_rows(store, &request, add, context, &rows, err);
}

/* What cannot be read to its end is another file: *is_whole is false. */
static void digest_file(const char *path, EVP_MD_CTX *context, bool *is_whole)
{
	gzFile file = gzopen(path, "rbe");
	char block[65536];
	int length = -1;

	if (file != NULL)
		while ((length = gzread(file, block, sizeof(block))) > 0)
			EVP_DigestUpdate(context, block, (size_t)length);
	*is_whole = length == 0;
	if (file != NULL && gzclose_r(file) != Z_OK)
		*is_whole = false;
}

static int compare(struct store *store, size_t which, const char *path,
    int64_t day_ms, bool *changed, struct err *err)
{
	uint8_t there[DIGEST_SIZE], now[DIGEST_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_whole = false;
	int error = -ENOMEM;

	if (context == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(context);
		return err_system(err, error, "a digest");
	}
	digest_file(path, context, &is_whole);
	EVP_DigestFinal_ex(context, there, NULL);
	EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	error = digest_rows(store, tables[which].what, day_ms, context, err);
	EVP_DigestFinal_ex(context, now, NULL);
	EVP_MD_CTX_free(context);
	*changed = !is_whole || memcmp(there, now, DIGEST_SIZE) != 0;
	return error;
}

int dump_changed(struct store *store, const char *folder, int64_t day_ms,
    bool *changed, struct err *err)
{
	char path[PATH_MAX + 32];
	int error = 0;
	size_t i;

	*changed = false;
	for (i = 0;
	     i < sizeof(tables) / sizeof(*tables) && error == 0 && !*changed;
	     i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, tables[i].name);
		error = compare(store, i, path, day_ms, changed, err);
	}
	return error;
}
