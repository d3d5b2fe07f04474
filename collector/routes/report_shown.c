/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/report_shown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/routes/mail_words.h"
#include "lib/base/array.h"
#include "lib/report/receipt_word.h"
#include "lib/report/words.h"

/* --- reading --- */

static int keep_software(void *arg, const char *software)
{
	struct report_shown *shown = arg;

	snprintf(shown->software, sizeof(shown->software), "%s", software);
	return 0;
}

static int keep_path(void *arg, const struct detail_path *path)
{
	struct report_shown *shown = arg;
	struct detail_path *grown = array_grow(
	    shown->paths, shown->npaths, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	shown->paths = grown;
	grown[shown->npaths++] = *path;
	return 0;
}

static int keep_probe(void *arg, const struct detail_probe *probe)
{
	struct report_shown *shown = arg;
	struct detail_probe *grown = array_grow(
	    shown->probes, shown->nprobes, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	shown->probes = grown;
	grown[shown->nprobes++] = *probe;
	return 0;
}

int report_shown_read(struct report_shown *shown, struct store *store,
    const char *id, struct err *err)
{
	const struct report_detail_visitor visitor = {
	    keep_software, keep_path, keep_probe, shown};
	struct buf bytes = {0};
	int error = store_report_detail(store, id, &bytes, err);

	if (error == 0)
		error = report_detail_read(bytes.data, bytes.length, &visitor);
	buf_free(&bytes);
	if (error == -EBADMSG) {
		report_shown_free(shown);
		return 0;
	}
	return error == -ENOMEM ? err_system(err, error, "a report") : error;
}

static void write_us(const char *key, int64_t us, struct json_writer *json)
{
	if (us < 0)
		json_null(json, key);
	else
		json_decimal(json, key, (double)us / 1000, 3);
}

/* --- paths --- */

static void write_hop(const struct detail_hop *hop, struct json_writer *json)
{
	json_open_object(json, NULL);
	json_integer(json, "ttl", hop->ttl);
	json_bool(json, "answered", hop->answered);
	json_text_or_null(json, "zone", hop_zone_word(hop->zone));
	json_integer_or_null(
	    json, "asn", hop->asn != 0 ? (int64_t)hop->asn : JSON_ABSENT);
	json_text_or_null(json, "prefix", hop->prefix);
	write_us("ms", hop->us, json);
	json_close_object(json);
}

void report_shown_write_paths(
    const struct report_shown *shown, uint32_t row, struct json_writer *json)
{
	size_t i, hop;

	json_open_array(json, "paths");
	for (i = 0; i < shown->npaths; i++) {
		const struct detail_path *path = &shown->paths[i];

		if (row < path->row || row - path->row >= path->nrows)
			continue;
		json_open_object(json, NULL);
		json_integer(json, "port", path->port);
		json_bool(json, "reached", path->reached);
		json_integer_or_null(json, "answer_ttl", path->answer_ttl);
		json_open_array(json, "hops");
		for (hop = 0; hop < path->nhops; hop++)
			write_hop(&path->hops[hop], json);
		json_close_array(json);
		json_close_object(json);
	}
	json_close_array(json);
}

/* --- probes --- */

const struct detail_probe *report_shown_probe(
    const struct report_shown *shown, uint32_t row)
{
	size_t least = 0, most = shown->nprobes, middle;

	while (least < most) {
		middle = least + (most - least) / 2;
		if (shown->probes[middle].row < row)
			least = middle + 1;
		else
			most = middle;
	}
	return least < shown->nprobes && shown->probes[least].row == row
		   ? &shown->probes[least]
		   : NULL;
}

/* How long each stage took that was passed, and all of them. */
static void write_times(const struct detail_probe *shown,
    const struct measurement *row, struct json_writer *json)
{
	int stage;

	json_open_object(json, "ms");
	for (stage = 0; stage < STAGE_COUNT; stage++) {
		int64_t us = shown != NULL            ? shown->us[stage]
			     : stage == STAGE_CONNECT ? row->connect_us
						      : OBSERVE_ABSENT;

		if (us >= 0 || stage == STAGE_CONNECT)
			write_us(stage_word((enum stage)stage), us, json);
	}
	write_us("total", row->total_us, json);
	json_close_object(json);
}

static void write_words(const char *text, struct json_writer *json)
{
	char words[OBSERVE_TEXT_SIZE];

	mail_words_copy(words, sizeof(words), text);
	json_text_or_null(json, "text", words);
}

static void write_smtp(const struct detail_probe *shown,
    const struct measurement *row, struct json_writer *json)
{
	size_t i;

	if (row->smtp_code <= 0) {
		json_null(json, "smtp");
		return;
	}
	json_open_object(json, "smtp");
	json_integer(json, "code", row->smtp_code);
	write_words(shown != NULL ? shown->text : "", json);
	json_open_array(json, "capabilities");
	for (i = 0; shown != NULL && i < shown->ncaps; i++)
		json_text(json, NULL, shown->caps[i]);
	json_close_array(json);
	json_close_object(json);
}

static void write_reply(
    const struct detail_probe *shown, struct json_writer *json)
{
	if (shown == NULL || shown->reply_code < 0) {
		json_null(json, "reply");
		return;
	}
	json_open_object(json, "reply");
	json_integer(json, "code", shown->reply_code);
	write_words(shown->reply, json);
	json_close_object(json);
}

void report_shown_write_probe(const struct detail_probe *shown,
    const struct measurement *row, struct json_writer *json)
{
	write_times(shown, row, json);
	write_smtp(shown, row, json);
	write_reply(shown, json);
	json_text_or_null(
	    json, "receipt", shown != NULL ? receipt_word(shown->receipt) : "");
}

void report_shown_free(struct report_shown *shown)
{
	free(shown->paths);
	free(shown->probes);
	memset(shown, 0, sizeof(*shown));
}
