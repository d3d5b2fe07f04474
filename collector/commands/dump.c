/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/dump.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/commands/command.h"
#include "collector/commands/dump_package.h"
#include "collector/commands/export_rows.h"
#include "collector/commands/output_file.h"
#include "collector/store/store_past.h"
#include "lib/base/base64.h"
#include "lib/base/day.h"
#include "lib/base/durable.h"
#include "lib/base/log.h"
#include "lib/base/rfc3339.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"

#define VERSIONS_MAX 1000

/* What a day consists of. */
static const struct part {
	enum export_what what;
	enum export_format format;
	const char *name, *title;
} parts[] = {
    {EXPORT_MEASUREMENTS, EXPORT_PARQUET, "measurements.parquet",
	"One probe a row"},
    {EXPORT_MEASUREMENTS, EXPORT_CSV, "measurements.csv.gz", "One probe a row"},
    {EXPORT_HISTORY, EXPORT_PARQUET, "networks.parquet",
	"What was published of each network at the end of the day"},
    {EXPORT_HISTORY, EXPORT_CSV, "networks.csv.gz",
	"What was published of each network at the end of the day"},
    {EXPORT_EVENTS, EXPORT_PARQUET, "events.parquet",
	"What changed on the day"},
    {EXPORT_EVENTS, EXPORT_CSV, "events.csv.gz", "What changed on the day"},
    {EXPORT_ENDPOINTS, EXPORT_CSV, "endpoints.csv.gz",
	"What was visited, as the list is now"},
};

enum { PARTS = sizeof(parts) / sizeof(*parts) };

struct dump {
	const struct dump_request *request;
	struct store *store;
	struct endpoint_list endpoints;
	char date[11]; /* of the day that is made: "2026-11-26" */
	char unfinished[PATH_MAX];
	struct dump_file files[PARTS];
	struct err *err;
};

/* --- one day's files --- */

static int make_folder(const char *path, struct err *err)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	return err_input(err, "%s: %s", path, strerror(errno));
}

static int digest_bytes(int fd, EVP_MD_CTX *context, struct dump_file *file)
{
	uint8_t digest[32];
	char block[65536];
	ssize_t length;

	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	while ((length = read(fd, block, sizeof(block))) > 0) {
		EVP_DigestUpdate(context, block, (size_t)length);
		file->bytes += length;
	}
	if (length < 0)
		return -errno;
	EVP_DigestFinal_ex(context, digest, NULL);
	hex_encode(digest, sizeof(digest), file->sha256);
	return 0;
}

/* Size and digest of a file that was just written. */
static int digest_file(
    const char *path, struct dump_file *file, struct err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : context == NULL ? -ENOMEM : 0;

	if (error == 0)
		error = digest_bytes(fd, context, file);
	if (fd >= 0)
		close(fd);
	EVP_MD_CTX_free(context);
	return error == 0 ? 0 : err_system(err, error, "%s", path);
}

static int write_part(struct dump *dump, int64_t day_ms, size_t i)
{
	const struct part *part = &parts[i];
	struct dump_file *file = &dump->files[i];
	struct export_request request = {.what = part->what,
	    .format = part->format,
	    .endpoints = &dump->endpoints};
	struct output_file output;
	char path[PATH_MAX + 64];
	int error;

	row_filter_init(&request.filter);
	request.filter.since_ms = day_ms;
	request.filter.until_ms = day_ms + DAY_MS;
	snprintf(path, sizeof(path), "%s/%s", dump->unfinished, part->name);
	*file = (struct dump_file){.name = part->name,
	    .title = part->title,
	    .columns = export_columns(part->what)};
	error = output_file_open(
	    &output, path, part->format == EXPORT_CSV, dump->err);
	if (error < 0)
		return error;
	error = export_rows(dump->store, &request, output_file_write, &output,
	    &file->rows, dump->err);
	if (error < 0) {
		output_file_abandon(&output);
		return error;
	}
	error = output_file_finish(&output, dump->err);
	return error < 0 ? error : digest_file(path, file, dump->err);
}

static int write_text(struct dump *dump, const char *name, struct buf *text)
{
	char path[PATH_MAX + 64];
	int error = text->failed ? -ENOMEM : 0;

	snprintf(path, sizeof(path), "%s/%s", dump->unfinished, name);
	if (error == 0)
		error = durable_replace(
		    AT_FDCWD, path, text->data, text->length);
	if (error == 0 && chmod(path, 0644) < 0)
		error = -errno;
	buf_free(text);
	return error == 0 ? 0 : err_system(dump->err, error, "%s", path);
}

/* In the form that sha256sum --check reads. */
static int write_sums(struct dump *dump)
{
	struct buf text = {0};
	size_t i;

	for (i = 0; i < PARTS; i++)
		buf_printf(&text, "%s  %s\n", dump->files[i].sha256,
		    dump->files[i].name);
	return write_text(dump, "SHA256SUMS", &text);
}

static int write_package(struct dump *dump)
{
	struct buf text = {0};

	dump_package_write(dump->date, dump->files, PARTS, &text);
	return write_text(dump, "datapackage.json", &text);
}

static int write_files(struct dump *dump, int64_t day_ms)
{
	int error = make_folder(dump->unfinished, dump->err);
	size_t i;

	for (i = 0; i < PARTS && error == 0; i++)
		error = write_part(dump, day_ms, i);
	if (error == 0)
		error = write_package(dump);
	return error == 0 ? write_sums(dump) : error;
}

/* Remove what an interrupted dump left, or one that is not wanted. */
static void remove_unfinished(const struct dump *dump)
{
	char path[PATH_MAX + 300];
	DIR *folder = opendir(dump->unfinished);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dump->unfinished,
		    entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(folder);
	rmdir(dump->unfinished);
}

/* --- a day's folder --- */

/* Are the sums of both folders alike? */
static bool is_same(const char *folder, const struct dump *dump)
{
	char text[2][PARTS * 128], path[2][PATH_MAX + 64];
	size_t length[2] = {0};
	FILE *file;
	int i;

	snprintf(path[0], sizeof(path[0]), "%s/SHA256SUMS", folder);
	snprintf(path[1], sizeof(path[1]), "%s/SHA256SUMS", dump->unfinished);
	for (i = 0; i < 2; i++) {
		file = fopen(path[i], "re");
		if (file == NULL)
			return false;
		length[i] = fread(text[i], 1, sizeof(text[i]), file);
		fclose(file);
	}
	return length[0] == length[1] &&
	       memcmp(text[0], text[1], length[0]) == 0;
}

/* Give it its name: that of the day's folder, or the next version's. */
static int publish(struct dump *dump, const char *of_day)
{
	char folder[PATH_MAX + 32];
	struct stat status;
	int version;

	for (version = 1; version < VERSIONS_MAX; version++) {
		snprintf(folder, sizeof(folder), version == 1 ? "%s" : "%s.%d",
		    of_day, version);
		if (stat(folder, &status) < 0)
			break;
		if (is_same(folder, dump)) {
			remove_unfinished(dump);
			log_info("%s: the same as %s", dump->date, folder);
			return 0;
		}
	}
	if (rename(dump->unfinished, folder) < 0)
		return err_system(dump->err, -errno, "%s", folder);
	durable_sync_parent(folder);
	log_info("%s: %s", dump->date, folder);
	return 0;
}

static int dump_day(struct dump *dump, int32_t day)
{
	char time[RFC3339_SIZE], year[PATH_MAX], month[PATH_MAX];
	char folder[PATH_MAX + 16];
	struct stat status;
	int error;

	rfc3339_format(day * DAY_MS, time);
	snprintf(dump->date, sizeof(dump->date), "%.10s", time);
	if (snprintf(year, sizeof(year), "%s/%.4s", dump->request->folder,
		time) >= PATH_MAX - 64)
		return err_input(dump->err, "the path is too long");
	snprintf(month, sizeof(month), "%s/%.2s", year, time + 5);
	snprintf(folder, sizeof(folder), "%s/%.2s", month, time + 8);
	if (stat(folder, &status) == 0 && !dump->request->again)
		return 0;
	snprintf(dump->unfinished, sizeof(dump->unfinished), "%s.new", folder);
	remove_unfinished(dump);
	error = make_folder(year, dump->err);
	if (error == 0)
		error = make_folder(month, dump->err);
	if (error == 0)
		error = write_files(dump, day * DAY_MS);
	if (error == 0)
		error = publish(dump, folder);
	if (error < 0)
		remove_unfinished(dump);
	return error;
}

/* --- all days --- */

static int first_day(const struct dump *dump, int32_t *day)
{
	struct store_totals totals;
	int error;

	*day = (int32_t)((dump->request->since_ms + DAY_MS - 1) / DAY_MS);
	if (*day > 0)
		return 0;
	error = store_totals(dump->store, &totals, dump->err);
	*day = (int32_t)(totals.first_ms / DAY_MS);
	return error;
}

static int dump_days(struct dump *dump)
{
	int64_t until_ms = dump->request->until_ms;
	int32_t day, last;
	int error = store_closed_day(dump->store, &last, dump->err);

	if (error == 0 && last == STORE_NO_DAY)
		return err_input(dump->err,
		    "no day is closed yet: `serve` does it after midnight, "
		    "UTC");
	if (error == 0)
		error = first_day(dump, &day);
	if (error == 0 && until_ms != 0 && last >= (until_ms - 1) / DAY_MS)
		last = (int32_t)((until_ms - 1) / DAY_MS);
	for (; error == 0 && day <= last; day++)
		error = dump_day(dump, day);
	return error;
}

int command_dump(
    const struct collector_options *options, const struct dump_request *request)
{
	struct err err = {""};
	struct dump *dump = calloc(1, sizeof(*dump));
	int error = dump == NULL ? err_system(&err, -ENOMEM, "dump") : 0;

	if (error < 0)
		return args_fail(error, &err);
	dump->request = request;
	dump->err = &err;
	if (options->endpoints[0] != '\0')
		error = endpoints_read(
		    options->endpoints, &dump->endpoints, &err);
	if (error == 0)
		error = command_open_store(options, true, &dump->store, &err);
	if (error == 0)
		error = make_folder(request->folder, &err);
	if (error == 0)
		error = dump_days(dump);
	store_close(dump->store);
	endpoints_free(&dump->endpoints);
	free(dump);
	return error == 0 ? EXIT_FINE : args_fail(error, &err);
}
