/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/dumps/dump_days.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/base/output_file.h"
#include "collector/dumps/dump_changed.h"
#include "collector/dumps/dump_folder.h"
#include "collector/dumps/dump_package.h"
#include "collector/dumps/dump_removal.h"
#include "collector/dumps/export_rows.h"
#include "collector/store/store_past.h"
#include "lib/base/clock.h"
#include "lib/base/day.h"
#include "lib/base/durable.h"
#include "lib/base/log.h"
#include "lib/base/rfc3339.h"

#define VERSIONS_MAX 999
#define LOCK_NAME    ".lock"

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

/* What the names of a day's folders have to have room for. */
#define FOLDER_SIZE (PATH_MAX + DUMP_NAME_PATH)

struct dump {
	const struct dump_job *job;
	int64_t first_ms; /* days before it are not made; 0: all are */
	char date[11];    /* of the day that is made: "2026-11-26" */
	char unfinished[FOLDER_SIZE];
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

static int write_rows(struct dump *dump, const struct export_request *request,
    const char *path, struct dump_file *file)
{
	struct output_file output;
	int error = output_file_open(
	    &output, path, request->format == EXPORT_CSV, dump->err);

	if (error < 0)
		return error;
	error = output_file_digest(&output, dump->err);
	if (error == 0)
		error = export_rows(dump->job->store, request,
		    output_file_write, &output, &file->rows, dump->err);
	if (error < 0) {
		output_file_abandon(&output);
		return error;
	}
	error = output_file_finish(&output, dump->err);
	file->bytes = output.bytes;
	memcpy(file->sha256, output.sha256, sizeof(file->sha256));
	return error;
}

static int write_part(struct dump *dump, int64_t day_ms, size_t i)
{
	const struct part *part = &parts[i];
	struct export_request request = {.what = part->what,
	    .format = part->format,
	    .endpoints = dump->job->endpoints,
	    .is_quiet = dump->job->is_quiet};
	char path[FOLDER_SIZE + 64];

	row_filter_init(&request.filter);
	request.filter.since_ms = day_ms;
	request.filter.until_ms = day_ms + DAY_MS;
	snprintf(path, sizeof(path), "%s/%s", dump->unfinished, part->name);
	dump->files[i] = (struct dump_file){.name = part->name,
	    .title = part->title,
	    .columns = export_columns(part->what)};
	return write_rows(dump, &request, path, &dump->files[i]);
}

static int write_text(struct dump *dump, const char *name, struct buf *text)
{
	char path[FOLDER_SIZE + 64];
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

/* --- a day's folder --- */

/* DIRECTORY/YYYY/MM, of `name` a day, which are made where they are missing. */
static int make_parents(struct dump *dump, const struct dump_name *name)
{
	const char *directory = dump->job->directory;
	char path[FOLDER_SIZE];
	int error;

	snprintf(path, sizeof(path), "%s/%s", directory, name->year);
	error = make_folder(path, dump->err);
	if (error < 0)
		return error;
	snprintf(
	    path, sizeof(path), "%s/%s/%s", directory, name->year, name->month);
	return make_folder(path, dump->err);
}

static void format_folder(const struct dump *dump, const struct dump_name *name,
    char folder[FOLDER_SIZE])
{
	char path[DUMP_NAME_PATH];
	size_t length;

	dump_name_path(name, path);
	length = strlen(path);
	path[length - 1] = '\0'; /* without the '/' */
	snprintf(folder, FOLDER_SIZE, "%s/%s", dump->job->directory, path);
}

/* Write all of it beside, and give it the name of the version. */
static int make_day(
    struct dump *dump, int64_t day_ms, const struct dump_name *name)
{
	char folder[FOLDER_SIZE];
	int error = make_parents(dump, name);

	format_folder(dump, name, folder);
	snprintf(dump->unfinished, sizeof(dump->unfinished), "%.*s.new",
	    (int)(strlen(folder) - strlen(name->day) + 2), folder);
	dump_removal_of_folder(dump->unfinished);
	if (error == 0)
		error = write_files(dump, day_ms);
	if (error == 0 && rename(dump->unfinished, folder) < 0)
		error = err_system(dump->err, -errno, "%s", folder);
	if (error < 0) {
		dump_removal_of_folder(dump->unfinished);
		return error;
	}
	durable_sync_parent(folder);
	log_info("the files of %s are in %s", dump->date, folder);
	return 0;
}

static int dump_day(struct dump *dump, int64_t day_ms)
{
	char time[RFC3339_SIZE], folder[FOLDER_SIZE];
	struct dump_name name;
	bool is_wanted = true;
	int error = 0,
	    version = dump_folder_version(dump->job->directory, day_ms, &name);

	if (version < 0)
		return err_system(
		    dump->err, version, "%s", dump->job->directory);
	if (version > 0 && !dump->job->again)
		return 0;
	snprintf(dump->date, sizeof(dump->date), "%.10s",
	    rfc3339_format(day_ms, time));
	if (version > 0) {
		format_folder(dump, &name, folder);
		error = dump_changed(
		    dump->job->store, folder, day_ms, &is_wanted, dump->err);
	}
	if (error < 0 || !is_wanted)
		return error;
	if (version >= VERSIONS_MAX)
		return err_input(dump->err,
		    "%s has %d versions, and there is no name for one more",
		    dump->date, version);
	if (version > 0)
		snprintf(
		    name.day + 2, sizeof(name.day) - 2, ".%d", version + 1);
	return make_day(dump, day_ms, &name);
}

/* --- all days --- */

/* The first day of which all rows can still be there: the store removes those
 * that are too old while this goes on. Before the first row there is none. */
static int first_day(const struct dump *dump, int64_t *day_ms)
{
	int64_t kept_ms = clock_wall_ms() - dump->job->keep_ms + HOUR_MS;
	struct store_totals totals;
	int64_t from_ms;
	int error = store_totals(dump->job->store, &totals, dump->err);

	if (error < 0)
		return error;
	from_ms = totals.first_ms / DAY_MS * DAY_MS;
	if (totals.first_ms == 0)
		from_ms = INT64_MAX - DAY_MS;
	if (from_ms < dump->job->since_ms)
		from_ms = dump->job->since_ms;
	if (from_ms < dump->first_ms)
		from_ms = dump->first_ms;
	if (dump->job->keep_ms > 0 && from_ms < kept_ms)
		from_ms = kept_ms;
	*day_ms = (from_ms + DAY_MS - 1) / DAY_MS * DAY_MS;
	return 0;
}

static int write_days(struct dump *dump, int64_t until_ms)
{
	int64_t day_ms;
	int error = first_day(dump, &day_ms);

	if (dump->job->until_ms != 0 && dump->job->until_ms < until_ms)
		until_ms = dump->job->until_ms;
	for (; error == 0 && day_ms < until_ms; day_ms += DAY_MS)
		error = dump_day(dump, day_ms);
	if (error == 0 && dump->first_ms > 0 && dump->job->removes)
		error = dump_removal(
		    dump->job->directory, dump->first_ms, dump->err);
	return error;
}

/* Whoever has the lock writes. It ends with the process, and holds between
 * machines that share a directory, too. A descriptor or -errno. */
static int lock(const char *directory, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK};
	char path[PATH_MAX + 16];
	int error, fd;

	snprintf(path, sizeof(path), "%s/" LOCK_NAME, directory);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_input(err, "%s: %s", path, strerror(errno));
	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return fd;
	error = -errno;
	close(fd);
	if (error != -EAGAIN && error != -EACCES)
		return err_system(err, error, "%s", path);
	err_input(err, "%s: another process writes days there", directory);
	return -EBUSY;
}

int dump_days_write(
    const struct dump_job *job, int64_t *until_ms, struct err *err)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	int32_t last;
	int error, fd = -1;

	*until_ms = 0;
	if (dump == NULL)
		return err_system(err, -ENOMEM, "dump");
	dump->job = job;
	dump->err = err;
	error = store_closed_day(job->store, &last, err);
	if (error == 0 && last != STORE_NO_DAY) {
		*until_ms = (last + INT64_C(1)) * DAY_MS;
		if (job->keep_days_ms > 0)
			dump->first_ms = *until_ms - job->keep_days_ms;
		error = make_folder(job->directory, err);
		if (error == 0)
			fd = error = lock(job->directory, err);
		if (fd >= 0)
			error = write_days(dump, *until_ms);
	}
	if (fd >= 0)
		close(fd);
	free(dump);
	return error < 0 ? error : 0;
}
