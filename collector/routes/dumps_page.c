/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/dumps_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/dumps/dump_folder.h"
#include "collector/routes/dumps.h"
#include "lib/base/rfc3339.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<title>Daily files %s</title></head><body>\n"
    "<h1>Daily files %s</h1>\n"
    "<p>What was measured, what was published, and what changed, by day "
    "(UTC).%s</p>\n<ul>\n";

/* The names have nothing that HTML would take for its own (dump_name.h). */
static void add_link(const struct dump_entry *entry, struct buf *out)
{
	const struct dump_name *name = &entry->name;
	char path[DUMP_NAME_PATH], time[RFC3339_SIZE];
	const char *text = name->file[0] != '\0'    ? name->file
			   : name->day[0] != '\0'   ? name->day
			   : name->month[0] != '\0' ? name->month
						    : name->year;

	buf_printf(out, "<li><a href=\"/data/%s\">%s</a>",
	    dump_name_path(name, path), text);
	if (name->file[0] != '\0')
		buf_printf(out, ", %" PRId64 " bytes, %.10s", entry->bytes,
		    rfc3339_format(entry->modified_ms, time));
	buf_append_text(out, "</li>\n");
}

static void add_head(const struct dump_name *folder, struct buf *out)
{
	char path[DUMP_NAME_PATH];

	dump_name_path(folder, path);
	buf_printf(out, head, path, path,
	    path[0] != '\0' ? " <a href=\"/data/\">All years</a>"
			    : " For programs: <a href=\"/data/index.json\">"
			      "index.json</a>");
}

/* Before the first day is written there may be no directory. */
static bool is_first(const struct dump_name *folder, int error)
{
	return error == -ENOENT && dump_name_depth(folder) == DUMP_ALL;
}

void route_dumps(
    struct server *server, const struct request *request, struct reply *reply)
{
	const char *directory = dumps_directory(server, reply);
	struct dump_entry *entries;
	struct buf body = {0};
	struct query query;
	size_t i, count;
	int error;

	if (directory == NULL)
		return;
	route_query(request, &query);
	error = dump_folder_list(directory, &query.dump, &entries, &count);
	if (error < 0 && !is_first(&query.dump, error)) {
		dumps_refuse(reply, error);
		return;
	}
	add_head(&query.dump, &body);
	for (i = 0; i < count; i++)
		add_link(&entries[i], &body);
	buf_append_text(&body, "</ul>\n</body></html>\n");
	free(entries);
	reply_set_header(
	    reply, "Content-Security-Policy", "default-src 'none'");
	reply_text(reply, "text/html; charset=utf-8", &body);
}
