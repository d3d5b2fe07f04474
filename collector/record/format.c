/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/record/column.h"
#include "collector/record/row_id.h"
#include "lib/base/text.h"
#include "lib/report/words.h"

#define FIELD(type, name) \
	offsetof(struct type, name), sizeof(((struct type *)0)->name)

/* --- measurements --- */

const struct column format_measurement_columns[] = {
    {"schema_version", COLUMN_VERSION, 0, 0},
    {"id", COLUMN_TEXT, FIELD(measurement, id)},
    {"at", COLUMN_TIME, FIELD(measurement, at_ms)},
    {"agent", COLUMN_TEXT, FIELD(measurement, agent)},
    {"asn", COLUMN_ASN, FIELD(measurement, asn)},
    {"network", COLUMN_TEXT, FIELD(measurement, network)},
    {"country", COLUMN_TEXT, FIELD(measurement, country)},
    {"prefix", COLUMN_TEXT, FIELD(measurement, prefix)},
    {"family", COLUMN_U8, FIELD(measurement, family)},
    {"endpoint", COLUMN_TEXT, FIELD(measurement, endpoint)},
    {"address", COLUMN_ADDRESS, FIELD(measurement, address)},
    {"port", COLUMN_U16, FIELD(measurement, port)},
    {"mode", COLUMN_MODE, FIELD(measurement, mode)},
    {"ended", COLUMN_STAGE, FIELD(measurement, ended)},
    {"failure", COLUMN_FAILURE, FIELD(measurement, failure)},
    {"outcome", COLUMN_OUTCOME, FIELD(measurement, outcome)},
    {"mechanism", COLUMN_MECHANISM, FIELD(measurement, mechanism)},
    {"where", COLUMN_WHERE, FIELD(measurement, where)},
    {"after_hop", COLUMN_INT, FIELD(measurement, after_hop)},
    {"endpoint_hops", COLUMN_INT, FIELD(measurement, endpoint_hops)},
    {"icmp_type", COLUMN_INT, FIELD(measurement, icmp_type)},
    {"icmp_code", COLUMN_INT, FIELD(measurement, icmp_code)},
    {"smtp_code", COLUMN_INT, FIELD(measurement, smtp_code)},
    {"tls_version", COLUMN_TEXT, FIELD(measurement, tls_version)},
    {"tls_verify", COLUMN_VERIFY, FIELD(measurement, tls_verify)},
    {"connect_ms", COLUMN_US, FIELD(measurement, connect_us)},
    {"total_ms", COLUMN_US, FIELD(measurement, total_us)},
    {"attributed", COLUMN_BOOL, FIELD(measurement, attributed)},
    {"report", COLUMN_REPORT, FIELD(measurement, id)},
    {"operator", COLUMN_TEXT, FIELD(measurement, run_by)},
    {"before_hop", COLUMN_INT, FIELD(measurement, before_hop)},
    {"after_asn", COLUMN_ASN, FIELD(measurement, after_asn)},
    {"before_asn", COLUMN_ASN, FIELD(measurement, before_asn)},
    {"signs", COLUMN_SIGNS, FIELD(measurement, signs)},
    {"listed", COLUMN_LISTED, FIELD(measurement, listed)},
    {NULL, COLUMN_TEXT, 0, 0},
};

void format_columns_csv(
    const struct column *columns, const void *row, struct buf *out)
{
	const struct column *column;

	for (column = columns; column->name != NULL; column++) {
		if (column != columns)
			buf_append_char(out, ',');
		column_write_csv(column, row, out);
	}
	buf_append_text(out, "\r\n");
}

void format_columns_json(
    const struct column *columns, const void *row, struct buf *out)
{
	struct json_writer json = {.out = out};
	const struct column *column;

	json_open_object(&json, NULL);
	for (column = columns; column->name != NULL; column++)
		column_write_json(column, row, &json);
	json_close_object(&json);
}

/* Read a row of these columns. After 0 the caller frees the tree. */
static int parse(const char *text, size_t length, const struct column *column,
    struct json_value **tree, void *row, size_t size, struct err *err)
{
	struct json_at root = {0};
	int error;

	memset(row, 0, size);
	error = json_parse(text, length, tree, err);
	if (error < 0)
		return error;
	root.value = *tree;
	error = json_get_object(&root, err);
	for (; error == 0 && column->name != NULL; column++)
		error = column_read(column, &root, row, err);
	if (error < 0)
		json_free(*tree);
	return error;
}

void format_measurement_json(const struct measurement *row, struct buf *out)
{
	format_columns_json(format_measurement_columns, row, out);
}

void format_measurement_csv(const struct measurement *row, struct buf *out)
{
	format_columns_csv(format_measurement_columns, row, out);
}

void format_measurement_csv_header(struct buf *out)
{
	column_write_csv_header(format_measurement_columns, out);
}

static int check_row(
    const struct json_at *root, const struct measurement *row, struct err *err)
{
	struct json_at at;

	json_member(root, "id", &at);
	if (!row_id_is_valid(row->id))
		return json_error(&at, err, "not UUID:NUMBER");
	json_member(root, "family", &at);
	if (row->family != 4 && row->family != 6)
		return json_error(&at, err, "neither 4 nor 6");
	json_member(root, "port", &at);
	return row->port != 0 ? 0 : json_error(&at, err, "not a port");
}

int format_measurement_parse(
    const char *text, size_t length, struct measurement *row, struct err *err)
{
	struct json_at root = {0};
	struct json_value *tree;
	int error = parse(text, length, format_measurement_columns, &tree, row,
	    sizeof(*row), err);

	if (error < 0)
		return error;
	root.value = tree;
	error = check_row(&root, row, err);
	json_free(tree);
	return error;
}

/* --- networks --- */

#define VERDICT(name) FIELD(network_record, verdict.name)
#define INFO(name)    FIELD(network_record, info.name)

const struct column format_network_columns[] = {
    {"asn", COLUMN_U32, VERDICT(asn)},
    {"name", COLUMN_TEXT, INFO(name)},
    {"country", COLUMN_TEXT, INFO(country)},
    {"family", COLUMN_U8, VERDICT(family)},
    {"port", COLUMN_U16, VERDICT(port)},
    {"state", COLUMN_STATE, VERDICT(state)},
    {"mechanism", COLUMN_MECHANISM, VERDICT(mechanism)},
    {"where", COLUMN_WHERE, VERDICT(where)},
    {"stopped_in", COLUMN_STOP, VERDICT(stopped_in)},
    {"upstream", COLUMN_ASN, VERDICT(upstream)},
    {"reach", COLUMN_REACH, VERDICT(reach)},
    {"level", COLUMN_LEVEL, VERDICT(level)},
    {"confidence", COLUMN_CHANCE, VERDICT(confidence)},
    {"wrong", COLUMN_CHANCE, VERDICT(wrong)},
    {"blocked_share_low", COLUMN_DOUBLE, VERDICT(blocked_low)},
    {"blocked_share_mid", COLUMN_DOUBLE, VERDICT(blocked_mid)},
    {"blocked_share_high", COLUMN_DOUBLE, VERDICT(blocked_high)},
    {"vantage_points", COLUMN_INT64, VERDICT(vantage_points)},
    {"witnesses_blocked", COLUMN_INT64, VERDICT(witnesses_blocked)},
    {"witnesses_open", COLUMN_INT64, VERDICT(witnesses_open)},
    {"prefixes", COLUMN_INT64, VERDICT(prefixes)},
    {"endpoints", COLUMN_INT64, VERDICT(endpoints)},
    {"probes", COLUMN_INT64, VERDICT(probes)},
    {"since", COLUMN_SINCE, VERDICT(since_ms)},
    {"since_is_first", COLUMN_BOOL, VERDICT(since_is_first)},
    {"last", COLUMN_SINCE, VERDICT(last_ms)},
    {"because", COLUMN_TEXT, VERDICT(because)},
    {"annotation", COLUMN_TEXT, INFO(annotations[0].text)},
    {NULL, COLUMN_TEXT, 0, 0},
};

static void write_outcomes(
    const struct network_verdict *verdict, struct json_writer *json)
{
	size_t i;

	json_open_array(json, "outcomes");
	for (i = 0; i < verdict->noutcomes; i++) {
		const struct network_outcome *outcome = &verdict->outcomes[i];

		json_open_object(json, NULL);
		json_text(json, "outcome", outcome_word(outcome->outcome));
		json_text_or_null(
		    json, "mechanism", mechanism_word(outcome->mechanism));
		json_integer(json, "probes", outcome->count);
		json_close_object(json);
	}
	json_close_array(json);
}

void format_share(struct json_writer *json, double low, double mid, double high)
{
	json_open_object(json, "blocked_share");
	json_decimal(json, "low", low, 3);
	json_decimal(json, "mid", mid, 3);
	json_decimal(json, "high", high, 3);
	json_close_object(json);
}

static void write_witnesses(
    const struct network_verdict *verdict, struct json_writer *json)
{
	json_open_array(json, "witnesses");
	json_integer(json, NULL, verdict->witnesses_blocked);
	json_integer(json, NULL, verdict->witnesses_open);
	json_close_array(json);
}

static void write_blocked_prefixes(
    const struct network_verdict *verdict, struct json_writer *json)
{
	size_t i;

	json_open_array(json, "blocked_prefixes");
	for (i = 0; i < verdict->nblocked_prefixes; i++)
		json_text(json, NULL, verdict->blocked_prefixes[i]);
	json_close_array(json);
}

static void write_sentences(
    const struct network_verdict *verdict, struct json_writer *json)
{
	char sentence[NETWORK_SENTENCE_SIZE];
	size_t i;

	json_open_array(json, "because");
	for (i = 0; i < NETWORK_SENTENCES; i++) {
		network_sentence(verdict, i, sentence);
		if (sentence[0] != '\0')
			json_text(json, NULL, sentence);
	}
	json_close_array(json);
}

/* --- what differs inside a network --- */

/* The hop is that of the typical report, if it stops there. */
static void write_stops(
    const struct network_record *record, struct json_writer *json)
{
	const struct network_detail *detail = record->verdict.detail;
	const struct network_typical *typical = &record->typical;
	size_t i;

	json_open_array(json, "stops");
	for (i = 0; detail != NULL && i < detail->nstops; i++) {
		const struct network_stop_at *stop = &detail->stops[i];
		bool shown = typical->report[0] != '\0' &&
			     typical->where == stop->where;

		json_open_object(json, NULL);
		json_text(json, "where", where_word(stop->where));
		json_integer_or_null(json, "after_hop",
		    shown ? typical->after_hop : JSON_ABSENT);
		json_integer(json, "vantage_points", stop->vantage_points);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_parts(
    const struct network_detail *detail, struct json_writer *json)
{
	size_t i;

	json_open_array(json, "parts");
	for (i = 0; detail != NULL && i < detail->nparts; i++) {
		const struct network_part *part = &detail->parts[i];

		json_open_object(json, NULL);
		json_text(json, "prefix", part->prefix);
		json_text(json, "state", network_state_word(part->state));
		json_integer(json, "vantage_points", part->vantage_points);
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_destinations(
    const struct network_detail *detail, struct json_writer *json)
{
	size_t i;

	json_open_array(json, "destinations");
	for (i = 0; detail != NULL && i < detail->ndestinations; i++) {
		json_open_object(json, NULL);
		json_text(json, "endpoint", detail->destinations[i].endpoint);
		json_text(json, "outcome",
		    outcome_word(detail->destinations[i].outcome));
		json_close_object(json);
	}
	json_close_array(json);
}

static void write_annotations(
    const struct network_info *info, struct json_writer *json)
{
	struct annotation plain;
	size_t i;

	json_open_array(json, "annotations");
	for (i = 0; i < ANNOTATION_KINDS; i++) {
		plain = info->annotations[i];
		if (plain.text[0] == '\0')
			break;
		text_make_plain(plain.text);
		text_make_plain(plain.by);
		json_open_object(json, NULL);
		json_time_or_null(json, "at", plain.at_ms);
		json_text_or_null(json, "by", plain.by);
		json_text(json, "kind", annotation_kind_word(plain.kind));
		json_text(json, "text", plain.text);
		json_close_object(json);
	}
	json_close_array(json);
}

/* What takes several columns, or none, in CSV is one member in JSON. */
static void write_network_column(const struct column *column,
    const struct network_record *record, bool sentences,
    struct json_writer *json)
{
	const struct network_verdict *verdict = &record->verdict;
	const char *name = column->name;

	if (strcmp(name, "blocked_share_low") == 0)
		format_share(json, verdict->blocked_low, verdict->blocked_mid,
		    verdict->blocked_high);
	else if (strcmp(name, "witnesses_blocked") == 0)
		write_witnesses(verdict, json);
	else if (strcmp(name, "because") == 0 && sentences)
		write_sentences(verdict, json);
	else if (strncmp(name, "blocked_share_", 14) != 0 &&
		 strcmp(name, "witnesses_open") != 0)
		column_write_json(column, record, json);
	if (strcmp(name, "prefixes") == 0)
		write_blocked_prefixes(verdict, json);
}

void format_network_json(
    const struct network_record *record, bool sentences, struct buf *out)
{
	struct json_writer json = {.out = out};
	const struct column *column;

	json_open_object(&json, NULL);
	for (column = format_network_columns; column->name != NULL; column++)
		write_network_column(column, record, sentences, &json);
	write_outcomes(&record->verdict, &json);
	write_stops(record, &json);
	write_parts(record->verdict.detail, &json);
	write_destinations(record->verdict.detail, &json);
	json_text_or_null(&json, "typical_report", record->typical.report);
	write_annotations(&record->info, &json);
	json_close_object(&json);
}

void format_network_csv(const struct network_record *record, struct buf *out)
{
	format_columns_csv(format_network_columns, record, out);
}

void format_network_csv_header(struct buf *out)
{
	column_write_csv_header(format_network_columns, out);
}

/* --- annotations --- */

const struct column format_annotation_columns[] = {
    {"asn", COLUMN_U32, FIELD(network_info, asn)},
    {"annotation", COLUMN_TEXT, FIELD(network_info, annotations[0].text)},
    {"at", COLUMN_SINCE, FIELD(network_info, annotations[0].at_ms)},
    {"by", COLUMN_TEXT, FIELD(network_info, annotations[0].by)},
    {"kind", COLUMN_KIND, FIELD(network_info, annotations[0].kind)},
    {NULL, COLUMN_TEXT, 0, 0},
};

int format_annotation_parse(
    const char *text, size_t length, struct network_info *info, struct err *err)
{
	struct json_at root = {0}, at;
	struct json_value *tree;
	int error = parse(text, length, format_annotation_columns, &tree, info,
	    sizeof(*info), err);

	if (error < 0)
		return error;
	root.value = tree;
	json_member(&root, "asn", &at);
	if (info->asn == 0)
		error = json_error(&at, err, "not an AS number");
	json_free(tree);
	return error;
}
