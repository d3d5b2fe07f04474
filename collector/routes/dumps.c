/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/dumps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/api/route.h"
#include "collector/dumps/dump_folder.h"
#include "collector/http/range.h"
#include "collector/routes/listing.h"
#include "collector/routes/refusal.h"
#include "lib/base/day.h"
#include "lib/base/httpdate.h"
#include "lib/base/log.h"
#include "lib/base/rfc3339.h"
#include "lib/json/json.h"

#define PART 131072 /* bytes that are read at a time */

const char *dumps_directory(const struct server *server, struct reply *reply)
{
	const char *directory = server->settings->options.dumps_directory;

	if (directory[0] != '\0')
		return directory;
	reply_error(reply, 404, NULL, "this collector has no daily files");
	return NULL;
}

void dumps_refuse(struct reply *reply, int error)
{
	if (error == -ENOENT) {
		reply_error(reply, 404, NULL, "there is nothing here");
		return;
	}
	log_error("daily files: %s", strerror(-error));
	reply_busy(reply, 503, REFUSAL_RETRY_S, "it cannot be read now");
}

/* --- one file --- */

/* What is left to send. The file is opened anew for each part: who reads
 * slowly holds no descriptor. */
struct sending {
	char directory[256];
	struct dump_entry entry; /* as it was at first */
	int64_t at, left;
};

static bool read_part(struct sending *sending, int fd, struct buf *out)
{
	size_t length = sending->left < PART ? (size_t)sending->left : PART;
	char *bytes = malloc(length);
	ssize_t got = bytes != NULL ? pread(fd, bytes, length, sending->at)
				    : -1;

	if (got > 0)
		buf_append(out, bytes, (size_t)got);
	else
		out->failed = true; /* it has become shorter */
	free(bytes);
	sending->at += got;
	sending->left -= got;
	return !out->failed && sending->left > 0;
}

static bool fill_part(struct server *server, void *arg, struct buf *out)
{
	struct sending *sending = arg;
	struct dump_entry now;
	bool has_more = false;
	int fd;

	(void)server;
	out->failed = dump_folder_open(sending->directory, &sending->entry.name,
			  &fd, &now) < 0;
	if (out->failed)
		return false;
	if (now.bytes == sending->entry.bytes &&
	    now.modified_ms == sending->entry.modified_ms)
		has_more = read_part(sending, fd, out);
	else
		out->failed = true;
	close(fd);
	return has_more;
}

static void end_sending(void *arg)
{
	free(arg);
}

static const char *type_of(const char *name)
{
	static const char *const types[][2] = {
	    {".parquet", "application/vnd.apache.parquet"},
	    {".gz", "application/gzip"},
	    {".json", "application/json"},
	    {"SHA256SUMS", "text/plain; charset=utf-8"},
	};
	size_t i, length = strlen(name), end;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		end = strlen(types[i][0]);
		if (length >= end &&
		    strcmp(name + length - end, types[i][0]) == 0)
			return types[i][1];
	}
	return "application/octet-stream";
}

static void send_bytes(const char *directory, const struct dump_entry *entry,
    int64_t at, int64_t length, struct reply *reply)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	struct buf nothing = {0};

	if (sending == NULL) {
		refusal_no_memory(reply);
		return;
	}
	snprintf(
	    sending->directory, sizeof(sending->directory), "%s", directory);
	sending->entry = *entry;
	sending->at = at;
	sending->left = length;
	if (length > 0) {
		reply_stream(reply, type_of(entry->name.file),
		    &(struct reply_stream){
			fill_part, end_sending, sending, length});
		return;
	}
	free(sending);
	reply_text(reply, type_of(entry->name.file), &nothing);
}

/* What is true of the file, however much of it is sent. A file of a day that is
 * over stays as it is. */
static void set_headers(
    const struct dump_entry *entry, const char *etag, struct reply *reply)
{
	char modified[HTTPDATE_SIZE];

	reply_set_header(reply, "ETag", etag);
	reply_set_header(reply, "Last-Modified",
	    httpdate_format(entry->modified_ms, modified));
	reply_set_header(reply, "Accept-Ranges", "bytes");
	reply_set_header(
	    reply, "Cache-Control", "public, max-age=31536000, immutable");
}

static void reply_file(const struct request *request, const char *directory,
    const struct dump_entry *entry, const char *etag, struct reply *reply)
{
	const struct range_file file = {etag, entry->bytes, entry->modified_ms};
	char range[80];
	int64_t first, length;
	enum range_choice choice = range_choose(
	    request, &file, &first, &length);

	if (choice == RANGE_NONE) {
		snprintf(range, sizeof(range), "bytes */%" PRId64, file.bytes);
		reply_error(reply, 416, NULL, "the file ends before");
		reply_set_header(reply, "Content-Range", range);
		return;
	}
	if (choice == RANGE_KNOWN)
		reply_nothing(reply);
	else
		send_bytes(directory, entry, first, length, reply);
	if (choice == RANGE_KNOWN)
		reply->status = 304;
	if (choice == RANGE_PART && reply->status == 200) {
		snprintf(range, sizeof(range),
		    "bytes %" PRId64 "-%" PRId64 "/%" PRId64, first,
		    first + length - 1, file.bytes);
		reply_set_header(reply, "Content-Range", range);
		reply->status = 206;
	}
	if (reply->status < 400)
		set_headers(entry, etag, reply);
}

void route_dumps_file(
    struct server *server, const struct request *request, struct reply *reply)
{
	const char *directory = dumps_directory(server, reply);
	struct dump_entry entry;
	struct query query;
	uint64_t tag;
	char etag[24];
	int error, fd;

	if (directory == NULL)
		return;
	route_query(request, &query);
	error = dump_folder_open(directory, &query.dump, &fd, &entry);
	if (error == 0) {
		error = dump_folder_tag(directory, &entry, fd, &tag);
		close(fd);
	}
	if (error < 0) {
		dumps_refuse(reply, error);
		return;
	}
	snprintf(etag, sizeof(etag), "\"%016" PRIx64 "\"", tag);
	reply_file(request, directory, &entry, etag, reply);
}

/* --- the list --- */

/* A page of it. */
struct index_page {
	const char *directory;
	struct query *query;
	struct dump_name after; /* of the cursor; only older ones follow */
	struct buf *out;
	size_t count;
	bool is_full;
};

/* "2026-11-25.2" */
static void write_cursor(const struct dump_name *name, char *cursor)
{
	snprintf(cursor, ROW_CURSOR_SIZE, "%s-%s-%s", name->year, name->month,
	    name->day);
}

static bool read_cursor(const char *cursor, struct dump_name *name)
{
	char year[5], month[3], day[8];
	int end = 0;

	return sscanf(cursor, "%4[0-9]-%2[0-9]-%7[0-9.]%n", year, month, day,
		   &end) == 3 &&
	       cursor[end] == '\0' && dump_name_set(name, DUMP_YEAR, year) &&
	       dump_name_set(name, DUMP_MONTH, month) &&
	       dump_name_set(name, DUMP_DAY, day);
}

static void write_day(const struct dump_name *name,
    const struct dump_entry *files, size_t count, struct buf *out)
{
	struct json_writer json = {.out = out};
	char text[DUMP_NAME_PATH + 8], path[DUMP_NAME_PATH];
	size_t i;

	json_open_object(&json, NULL);
	snprintf(text, sizeof(text), "%s-%s-%.2s", name->year, name->month,
	    name->day);
	json_text(&json, "day", text);
	json_integer(&json, "version", dump_name_version(name));
	snprintf(text, sizeof(text), "/data/%s", dump_name_path(name, path));
	json_text(&json, "path", text);
	json_open_array(&json, "files");
	for (i = 0; i < count; i++) {
		json_open_object(&json, NULL);
		json_text(&json, "name", files[i].name.file);
		json_integer(&json, "bytes", files[i].bytes);
		json_close_object(&json);
	}
	json_close_array(&json);
	json_close_object(&json);
}

/* Does the day begin in the window that is asked for? */
static bool is_wanted(const struct query *query, const struct dump_name *name)
{
	char day[16];
	int64_t day_ms;

	snprintf(
	    day, sizeof(day), "%s-%s-%.2s", name->year, name->month, name->day);
	if (!rfc3339_parse(day, &day_ms))
		return false;
	return ((query->given & QUERY_SINCE) == 0 ||
		   day_ms >= query->since_ms) &&
	       ((query->given & QUERY_UNTIL) == 0 || day_ms < query->until_ms);
}

static int add_day(struct index_page *page, const struct dump_name *name)
{
	struct dump_entry *files;
	size_t count;
	int error;

	if (!is_wanted(page->query, name))
		return 0;
	if (page->count == page->query->limit) {
		page->is_full = true;
		return 0;
	}
	error = dump_folder_list(page->directory, name, &files, &count);
	if (error < 0)
		return error == -ENOENT ? 0 : error;
	listing_separate(FORMAT_JSON, page->count++, page->out);
	write_day(name, files, count, page->out);
	write_cursor(name, page->query->cursor);
	free(files);
	return 0;
}

/* May there be days before the cursor in it? */
static bool is_before(
    const struct index_page *page, const struct dump_name *name)
{
	struct dump_name after = page->after;

	if (page->after.year[0] == '\0')
		return true;
	if (dump_name_depth(name) < DUMP_DAY)
		after.day[0] = '\0';
	if (dump_name_depth(name) < DUMP_MONTH)
		after.month[0] = '\0';
	return dump_name_depth(name) == DUMP_DAY
		   ? dump_name_compare(name, &after) < 0
		   : dump_name_compare(name, &after) <= 0;
}

/* Newest first: all days in a folder of days, months or years. */
static int walk(struct index_page *page, const struct dump_name *folder)
{
	struct dump_entry *entries;
	size_t count;
	int error = dump_folder_list(page->directory, folder, &entries, &count);

	while (error == 0 && count-- > 0 && !page->is_full) {
		const struct dump_name *name = &entries[count].name;

		if (!is_before(page, name))
			continue;
		error = dump_name_depth(name) == DUMP_DAY ? add_day(page, name)
							  : walk(page, name);
	}
	free(entries);
	return error == -ENOENT ? 0 : error;
}

static int append_page(struct server *server, struct query *query,
    struct buf *out, size_t *count, struct err *err)
{
	struct index_page page = {server->settings->options.dumps_directory,
	    query, {""}, out, 0, false};
	const struct dump_name all = {""};
	int error;

	if (query->cursor[0] != '\0' &&
	    !read_cursor(query->cursor, &page.after))
		return err_input(err, "not a cursor of this list");
	error = walk(&page, &all);
	if (!page.is_full)
		query->cursor[0] = '\0';
	*count = page.count;
	return error == 0 ? 0 : err_system(err, error, "daily files");
}

static const struct listing index_listing = {
    .append_page = append_page,
    .has_window = true,
    .keeps_all = true,
};

void route_dumps_index(
    struct server *server, const struct request *request, struct reply *reply)
{
	if (dumps_directory(server, reply) != NULL)
		listing_reply(server, request, &index_listing, reply);
}
