/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/check/stored.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/check/terminal.h"
#include "agent/explain/explain.h"
#include "agent/explain/explain_json.h"
#include "agent/explain/explain_text.h"
#include "agent/explain/rules_text.h"
#include "lib/config/args.h"
#include "lib/config/endpoints_file.h"
#include "lib/receipt/receipt_judge.h"
#include "lib/report/report_decode.h"

#define PORTS_MAX 32
/* Of `check --json`: the report and as much again for its diagnoses. */
#define STORED_BYTES_MAX (2 * REPORT_BYTES_MAX)

static const char *name_of(const struct stored_request *request)
{
	return request->path == NULL || strcmp(request->path, "-") == 0
		   ? "standard input"
		   : request->path;
}

static int read_all(
    FILE *file, const char *name, struct buf *text, struct err *err)
{
	char *room;
	size_t got;

	do {
		room = buf_reserve(text, 65536);
		if (room == NULL)
			return err_system(err, -ENOMEM, "%s", name);
		got = fread(room, 1, 65536, file);
		buf_commit(text, got);
	} while (got > 0 && text->length <= STORED_BYTES_MAX);
	if (ferror(file))
		return err_input(err, "%s: %s", name, strerror(errno));
	if (text->length > STORED_BYTES_MAX)
		return err_input(err, "%s: too long for a report", name);
	return 0;
}

static int read_text(
    const struct stored_request *request, struct buf *text, struct err *err)
{
	const char *name = name_of(request);
	FILE *file = stdin;
	int rc;

	if (name == request->path)
		file = fopen(name, "re");
	if (file == NULL)
		return err_input(err, "%s: %s", name, strerror(errno));
	rc = read_all(file, name, text, err);
	if (file != stdin)
		fclose(file);
	return rc;
}

/* The length of the JSON object that `text` begins with; 0: it is cut. */
static size_t object_length(const char *text, size_t length)
{
	bool quoted = false;
	size_t i, depth = 0;

	for (i = 0; i < length; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == '{')
			depth++;
		else if (!quoted && text[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* What `check --json` printed has the report inside. */
static void find_report(const char **text, size_t *length)
{
	static const char start[] =
	    "{\"format\":\"egress25-check/1\",\"report\":";
	const size_t skip = sizeof(start) - 1;
	size_t inner;

	if (*length <= skip || memcmp(*text, start, skip) != 0)
		return;
	inner = object_length(*text + skip, *length - skip);
	if (inner == 0)
		return;
	*text += skip;
	*length = inner;
}

/* How many of the last targets `check --json` lists as references; `rest` is
 * what it printed behind the report, and ends in a NUL. */
static size_t count_references(const struct report *report, const char *rest)
{
	static const char key[] = "\"references\":[";
	const char *list = strstr(rest, key), *end, *found;
	char name[sizeof(report->targets->endpoint) + 2];
	size_t count = 0;

	if (list == NULL)
		return 0;
	list += sizeof(key) - 1;
	end = strchr(list, ']');
	while (end != NULL && count < report->ntargets) {
		snprintf(name, sizeof(name), "\"%s\"",
		    report->targets[report->ntargets - 1 - count].endpoint);
		found = strstr(list, name);
		if (found == NULL || found > end)
			break;
		count++;
	}
	return count;
}

static int read_report(const struct stored_request *request,
    struct report *report, size_t *nreferences, struct err *err)
{
	struct buf text = {0};
	const char *json;
	size_t length;
	int rc = read_text(request, &text, err);

	if (rc == 0) {
		json = text.data != NULL ? text.data : "";
		length = text.length;
		find_report(&json, &length);
		rc = report_decode(json, length, report, err);
		if (rc == 0)
			*nreferences = count_references(report, json + length);
		else
			err_prefix(err, "%s", name_of(request));
	}
	buf_free(&text);
	return rc;
}

static int print(const struct stored_request *request,
    const struct explain_round *round, struct err *err)
{
	struct explain_port ports[PORTS_MAX];
	struct buf out = {0};
	size_t count = explain_ports(round, ports, PORTS_MAX);
	int rc = 0;

	if (request->json) {
		explain_json(round, ports, count, NULL, &out);
	} else {
		explain_text(
		    round, ports, count, terminal_wants_colour(), &out);
		rules_text_add(round, &out);
	}
	if (out.failed)
		rc = err_system(err, -ENOMEM, "the output");
	else if (out.length > 0)
		fwrite(out.data, 1, out.length, stdout);
	buf_free(&out);
	return rc;
}

/* By the keys of the endpoints file, where it has the beacon. */
static void judge_receipts(
    struct report *report, const struct endpoint_list *endpoints)
{
	const struct endpoint *endpoint;
	size_t i;

	for (i = 0; i < report->ntargets; i++) {
		endpoint = endpoints_find(
		    endpoints, report->targets[i].endpoint);
		if (endpoint != NULL)
			receipt_judge(&report->targets[i], &endpoint->known);
	}
}

static int explain_report(const struct stored_request *request,
    const struct endpoint_list *endpoints, struct err *err)
{
	struct explain_round round;
	struct report report;
	size_t nreferences = 0;
	int rc = read_report(request, &report, &nreferences, err);

	if (rc != 0)
		return rc;
	judge_receipts(&report, endpoints);
	rc = explain_round(&report, endpoints, &round);
	if (rc == 0) {
		round.nreferences = nreferences;
		rc = print(request, &round, err);
		explain_free(&round);
	} else {
		err_system(err, rc, "the diagnosis");
	}
	report_free(&report);
	return rc;
}

int stored_explain(const struct stored_request *request)
{
	struct endpoint_list endpoints = {0};
	struct err err = {""};
	int rc = 0;

	if (request->endpoints != NULL)
		rc = endpoints_read(request->endpoints, &endpoints, &err);
	if (rc == 0)
		rc = explain_report(request, &endpoints, &err);
	endpoints_free(&endpoints);
	return rc == 0 ? args_finish_output() : args_fail(rc, &err);
}
