/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/export_days.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/base/output_file.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/durable.h"
#include "lib/base/rfc3339.h"

#define SUMS_MAX (1 << 22) /* bytes: some 40,000 days */

/* An export that is being made. */
struct export_days {
	struct store *store;
	struct export_request *request;
	const char *folder;
	struct buf sums; /* as they are on disk: "SUM  NAME" a line */
	struct err *err;
};

/* --- names --- */

static const char *const kinds[] = {
    [EXPORT_MEASUREMENTS] = "measurements",
    [EXPORT_EVENTS] = "events",
    [EXPORT_HISTORY] = "history",
    [EXPORT_ANNOTATIONS] = NULL,
};

static const char *const endings[] = {
    [EXPORT_JSONL] = "jsonl",
    [EXPORT_CSV] = "csv",
    [EXPORT_PARQUET] = "parquet",
};

/* "measurements-AS64500-DE-2026-11-25.csv": of another export another name. */
static void format_name(
    const struct export_request *request, int64_t day_ms, char name[NAME_MAX])
{
	const struct row_filter *filter = &request->filter;
	char asn[24] = "", country[8] = "", day[RFC3339_SIZE];

	if (filter->has_asn)
		snprintf(asn, sizeof(asn), "AS%u-", filter->asn);
	if (filter->country[0] != '\0')
		snprintf(country, sizeof(country), "%s-", filter->country);
	snprintf(name, NAME_MAX, "%s-%s%s%.10s.%s", kinds[request->what], asn,
	    country, rfc3339_format(day_ms, day), endings[request->format]);
}

/* --- sums --- */

static int read_sums(struct export_days *days)
{
	char path[PATH_MAX], *text;
	FILE *file;

	snprintf(path, sizeof(path), "%s/SHA256SUMS", days->folder);
	file = fopen(path, "re");
	if (file == NULL)
		return errno == ENOENT ? 0
				       : err_input(days->err, "%s: %s", path,
					     strerror(errno));
	text = malloc(SUMS_MAX);
	if (text != NULL)
		buf_append(&days->sums, text, fread(text, 1, SUMS_MAX, file));
	free(text);
	fclose(file);
	return 0;
}

/* The line of that file in the sums, or NULL. */
static char *find_sum(const struct export_days *days, const char *name)
{
	char wanted[NAME_MAX + 8];
	char *found;

	snprintf(wanted, sizeof(wanted), "  %s\n", name);
	found = days->sums.length > 0 ? strstr(days->sums.data, wanted) : NULL;
	return found != NULL && found - days->sums.data >= 64 ? found - 64
							      : NULL;
}

/* Replace or add the file's line, on disk too. */
static int keep_sum(
    struct export_days *days, const char *name, const char *sha256)
{
	char *line = find_sum(days, name), path[PATH_MAX];
	int error = -ENOMEM;

	if (line != NULL)
		memcpy(line, sha256, 64);
	else
		buf_printf(&days->sums, "%s  %s\n", sha256, name);
	snprintf(path, sizeof(path), "%s/SHA256SUMS", days->folder);
	if (!days->sums.failed)
		error = durable_replace(
		    AT_FDCWD, path, days->sums.data, days->sums.length);
	if (error == 0 && chmod(path, 0644) < 0)
		error = -errno;
	return error == 0 ? 0 : err_system(days->err, error, "%s", path);
}

static bool has_digest(FILE *file, EVP_MD_CTX *context, const char *sum)
{
	uint8_t digest[32];
	char block[65536], text[65];
	size_t length;

	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return false;
	while ((length = fread(block, 1, sizeof(block), file)) > 0)
		EVP_DigestUpdate(context, block, length);
	EVP_DigestFinal_ex(context, digest, NULL);
	hex_encode(digest, sizeof(digest), text);
	return !ferror(file) && memcmp(text, sum, 64) == 0;
}

/* Is the file there, and all of it? */
static bool is_whole(
    const struct export_days *days, const char *path, const char *name)
{
	const char *sum = find_sum(days, name);
	FILE *file = sum != NULL ? fopen(path, "re") : NULL;
	EVP_MD_CTX *context = file != NULL ? EVP_MD_CTX_new() : NULL;
	bool is = context != NULL && has_digest(file, context, sum);

	EVP_MD_CTX_free(context);
	if (file != NULL)
		fclose(file);
	return is;
}

/* --- days --- */

static int write_day(
    struct export_days *days, const char *path, const char *name)
{
	struct output_file file;
	int64_t rows;
	int error = output_file_open(&file, path, false, days->err);

	if (error < 0)
		return error;
	error = output_file_digest(&file, days->err);
	if (error == 0)
		error = export_rows(days->store, days->request,
		    output_file_write, &file, &rows, days->err);
	if (error < 0) {
		output_file_abandon(&file);
		return error;
	}
	error = output_file_finish(&file, days->err);
	return error < 0 ? error : keep_sum(days, name, file.sha256);
}

static int write_days(struct export_days *days, int64_t day_ms, int64_t end_ms)
{
	char path[PATH_MAX], name[NAME_MAX];
	int error = 0;

	for (; error == 0 && day_ms < end_ms; day_ms += DAY_MS) {
		format_name(days->request, day_ms, name);
		if (snprintf(path, sizeof(path), "%s/%s", days->folder, name) >=
		    (int)sizeof(path))
			return err_input(days->err, "the path is too long");
		days->request->filter.since_ms = day_ms;
		days->request->filter.until_ms = day_ms + DAY_MS;
		if (!is_whole(days, path, name))
			error = write_day(days, path, name);
	}
	return error;
}

/* From the first row that is stored, to the end of yesterday. */
static int find_window(
    struct export_days *days, int64_t *from_ms, int64_t *end_ms)
{
	const struct row_filter *filter = &days->request->filter;
	struct store_totals totals;
	int error = store_totals(days->store, &totals, days->err);

	*end_ms = clock_wall_ms() / DAY_MS * DAY_MS;
	if (filter->until_ms > 0 && filter->until_ms < *end_ms)
		*end_ms = filter->until_ms;
	*from_ms = totals.first_ms / DAY_MS * DAY_MS;
	if (totals.first_ms == 0)
		*from_ms = *end_ms;
	if (filter->since_ms > *from_ms)
		*from_ms = (filter->since_ms + DAY_MS - 1) / DAY_MS * DAY_MS;
	return error;
}

int export_days(struct store *store, struct export_request *request,
    const char *folder, struct err *err)
{
	struct export_days days = {store, request, folder, {0}, err};
	int64_t from_ms, end_ms;
	int error;

	if (kinds[request->what] == NULL)
		return err_input(err, "--by-day is for measurements, events "
				      "and history");
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return err_input(err, "%s: %s", folder, strerror(errno));
	error = read_sums(&days);
	if (error == 0)
		error = find_window(&days, &from_ms, &end_ms);
	if (error == 0)
		error = write_days(&days, from_ms, end_ms);
	buf_free(&days.sums);
	return error;
}
