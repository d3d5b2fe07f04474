/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_public.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/route.h"
#include "collector/routes/refusal.h"
#include "collector/routes/report_alibi.h"
#include "collector/routes/report_because.h"
#include "collector/routes/report_order.h"
#include "collector/routes/report_shown.h"
#include "collector/routes/stamp.h"
#include "collector/store/store.h"
#include "collector/threads/server.h"
#include "lib/base/array.h"
#include "lib/report/words.h"

/* The rows of a report, as they are stored. */
struct rows {
	struct measurement *list; /* owned */
	size_t count;
};

static int keep_row(void *arg, const struct measurement *row)
{
	struct rows *rows = arg;
	struct measurement *grown = array_grow(
	    rows->list, rows->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	rows->list = grown;
	grown[rows->count++] = *row;
	return 0;
}

/* --- probes --- */

static void write_tls(const struct measurement *row, struct json_writer *json)
{
	if (row->tls_version[0] == '\0') {
		json_null(json, "tls");
		return;
	}
	json_open_object(json, "tls");
	json_text(json, "version", row->tls_version);
	json_text_or_null(json, "verify", tls_verify_word(row->tls_verify));
	json_close_object(json);
}

static void write_icmp(const struct measurement *row, struct json_writer *json)
{
	if (row->icmp_type < 0) {
		json_null(json, "icmp");
		return;
	}
	json_open_object(json, "icmp");
	json_integer(json, "type", row->icmp_type);
	json_integer_or_null(json, "code", row->icmp_code);
	json_close_object(json);
}

static void write_diagnosis(
    const struct measurement *row, size_t tries, struct json_writer *json)
{
	json_text_or_null(json, "outcome", outcome_word(row->outcome));
	json_text_or_null(json, "mechanism", mechanism_word(row->mechanism));
	json_text_or_null(json, "where", where_word(row->where));
	json_integer_or_null(json, "after_hop", row->after_hop);
	json_integer_or_null(json, "endpoint_hops", row->endpoint_hops);
	report_because_write(row, tries, json);
}

/* The N of its id, "REPORT:N". */
static uint32_t row_number(const struct measurement *row)
{
	const char *colon = strchr(row->id, ':');

	return colon != NULL ? (uint32_t)strtoul(colon + 1, NULL, 10) : 0;
}

static void write_probe(const struct report_row *ordered,
    const struct report_shown *shown, const struct report_alibis *alibis,
    struct json_writer *json)
{
	const struct measurement *row = ordered->row;

	json_open_object(json, NULL);
	json_integer(json, "port", row->port);
	json_text(json, "mode", port_mode_word(row->mode));
	json_text(json, "ended", stage_word(row->ended));
	json_text_or_null(json, "failure", failure_word(row->failure));
	report_shown_write_probe(
	    report_shown_probe(shown, row_number(row)), row, json);
	write_tls(row, json);
	write_icmp(row, json);
	write_diagnosis(row, ordered->tries, json);
	report_alibi_write(alibis, row, json);
	json_close_object(json);
}

/* The target whose rows begin the list, of `count`. How many it has. */
static size_t write_target(const struct report_row *list, size_t count,
    const struct report_shown *shown, const struct report_alibis *alibis,
    struct json_writer *json)
{
	const struct measurement *head = list[0].row;
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "endpoint", head->endpoint);
	json_address(json, "address", &head->address);
	json_integer(json, "family", head->family);
	json_time(json, "at", head->at_ms);
	json_open_array(json, "probes");
	for (i = 0; i < count && list[i].first == list[0].first; i++)
		write_probe(&list[i], shown, alibis, json);
	json_close_array(json);
	report_shown_write_paths(shown, row_number(head), json);
	json_close_object(json);
	return i;
}

/* `count` rows, in their order. */
static void write_report(const char *id, const struct report_row *list,
    size_t count, const struct report_shown *shown,
    const struct report_alibis *alibis, struct json_writer *json)
{
	const struct measurement *head = list[0].row;
	size_t i;

	json_open_object(json, NULL);
	json_text(json, "id", id);
	json_time(json, "at", head->at_ms);
	json_text(json, "agent", head->agent);
	json_text_or_null(json, "software", shown->software);
	json_bool(json, "proof", head->attributed);
	json_integer_or_null(
	    json, "asn", head->asn != 0 ? (int64_t)head->asn : JSON_ABSENT);
	json_text_or_null(json, "name", head->network);
	json_text_or_null(json, "country", head->country);
	json_text_or_null(json, "prefix", head->prefix);
	json_open_array(json, "targets");
	for (i = 0; i < count;)
		i += write_target(list + i, count - i, shown, alibis, json);
	json_close_array(json);
}

static void reply_report(struct server *server, const char *id,
    const struct rows *rows, struct reply *reply)
{
	struct buf body = {0};
	struct json_writer json = {.out = &body};
	struct report_shown shown = {0};
	struct report_row *ordered;
	struct report_alibis alibis;
	struct err err = {""};

	if (report_shown_read(&shown, server->reader, id, &err) < 0) {
		report_shown_free(&shown);
		refusal_store(reply, "a report", &err);
		return;
	}
	report_alibi_find(&alibis, server->reader, rows->list, rows->count);
	ordered = report_order(rows->list, rows->count);
	if (ordered != NULL)
		write_report(id, ordered, rows->count, &shown, &alibis, &json);
	else
		body.failed = true;
	free(ordered);
	report_alibi_free(&alibis);
	report_shown_free(&shown);
	stamp_reply(&json, reply);
}

void route_report(
    struct server *server, const struct request *request, struct reply *reply)
{
	struct rows rows = {NULL, 0};
	struct query query;
	struct err err = {""};
	int error;

	route_query(request, &query);
	error = store_report_rows(
	    server->reader, query.report, keep_row, &rows, &err);
	if (error == -ENOMEM)
		refusal_no_memory(reply);
	else if (error < 0 && error != -ENOENT)
		refusal_store(reply, "a report", &err);
	else if (rows.count == 0)
		reply_error(reply, 404, "id",
		    "there is no such report here, or it is gone: single "
		    "measurements are kept for a time (/v1/about)");
	else
		reply_report(server, query.report, &rows, reply);
	free(rows.list);
}
