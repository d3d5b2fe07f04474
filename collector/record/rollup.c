/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/rollup.h"

#include <errno.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/codes.h"

#define DAY_MS INT64_C(86400000)

/* An entry; the name of its endpoint is borrowed from the bytes or the row. */
struct rollup_entry {
	const char *endpoint;
	size_t length;
	uint8_t codes[3]; /* outcome, mechanism, where */
	int64_t count, first_ms, last_ms;
};

bool rollup_is_counted(const struct measurement *row)
{
	return row->listed && row->attributed && row->asn != 0 &&
	       row->outcome != OUTCOME_COUNT;
}

int32_t rollup_day(int64_t at_ms)
{
	return (int32_t)(at_ms / DAY_MS - (at_ms % DAY_MS < 0));
}

/* --- the order --- */

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_keys(
    const struct measurement *a, const struct measurement *b)
{
	int order = compare_numbers(a->asn, b->asn);

	if (order == 0)
		order = compare_numbers(a->family, b->family);
	if (order == 0)
		order = compare_numbers(a->port, b->port);
	if (order == 0)
		order = compare_numbers(
		    rollup_day(a->at_ms), rollup_day(b->at_ms));
	if (order == 0)
		order = strcmp(a->prefix, b->prefix);
	return order != 0 ? order : strcmp(a->agent, b->agent);
}

static void fill_codes(const struct measurement *row, uint8_t codes[3])
{
	codes[0] = code_of(CODE_OUTCOME, (int)row->outcome);
	codes[1] = code_of(CODE_MECHANISM, (int)row->mechanism);
	codes[2] = code_of(CODE_WHERE, (int)row->where);
}

/* Within a run of bytes the same order as compare_entries(). */
int rollup_compare(const void *a, const void *b)
{
	const struct measurement *left = *(const struct measurement *const *)a;
	const struct measurement *right = *(const struct measurement *const *)b;
	uint8_t left_codes[3], right_codes[3];
	int order = compare_keys(left, right);

	if (order == 0)
		order = strcmp(left->endpoint, right->endpoint);
	if (order != 0)
		return order;
	fill_codes(left, left_codes);
	fill_codes(right, right_codes);
	return memcmp(left_codes, right_codes, 3);
}

bool rollup_is_same_run(
    const struct measurement *a, const struct measurement *b)
{
	return compare_keys(a, b) == 0;
}

/* --- entries --- */

static void fill_entry(
    const struct measurement *row, struct rollup_entry *entry)
{
	entry->endpoint = row->endpoint;
	entry->length = strlen(row->endpoint);
	fill_codes(row, entry->codes);
	entry->count = 1;
	entry->first_ms = entry->last_ms = row->at_ms;
}

static int compare_entries(
    const struct rollup_entry *a, const struct rollup_entry *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->endpoint, b->endpoint, shorter);

	if (order == 0)
		order = compare_numbers((int64_t)a->length, (int64_t)b->length);
	return order != 0 ? order : memcmp(a->codes, b->codes, 3);
}

/* --- bytes --- */

/* Writes entries. Each begins with the length of its endpoint's name plus 1,
 * and the name; or with 0 if the endpoint is that of the entry before. */
struct rollup_writer {
	struct buf *out;
	const char *endpoint; /* of the entry before, or NULL */
	size_t length;
	int64_t day_ms;
};

static void write_entry(
    struct rollup_writer *writer, const struct rollup_entry *entry)
{
	uint8_t bytes[3 + 3 * BYTES_NUMBER_MAX], *at = bytes;

	if (writer->endpoint != NULL && writer->length == entry->length &&
	    memcmp(writer->endpoint, entry->endpoint, entry->length) == 0) {
		bytes_put(writer->out, 0);
	} else {
		bytes_put(writer->out, entry->length + 1);
		buf_append(writer->out, entry->endpoint, entry->length);
		writer->endpoint = entry->endpoint;
		writer->length = entry->length;
	}
	memcpy(at, entry->codes, sizeof(entry->codes));
	at += sizeof(entry->codes);
	at = bytes_write(at, (uint64_t)entry->count);
	at = bytes_write(at, (uint64_t)(entry->first_ms - writer->day_ms));
	at = bytes_write(at, (uint64_t)(entry->last_ms - entry->first_ms));
	buf_append(writer->out, bytes, (size_t)(at - bytes));
}

/* Reads entries. */
struct rollup_reader {
	struct bytes bytes;
	struct rollup_entry entry;
	int64_t day_ms;
};

static int64_t take_below(struct bytes *bytes, int64_t limit)
{
	uint64_t number = bytes_take(bytes);

	if (number < (uint64_t)limit)
		return (int64_t)number;
	bytes->bad = true;
	return 0;
}

/* False at the end, or if the bytes are bad. */
static bool read_entry(struct rollup_reader *reader)
{
	struct bytes *bytes = &reader->bytes;
	struct rollup_entry *entry = &reader->entry;
	uint64_t length;
	int i;

	if (bytes->at == bytes->end)
		return false;
	length = bytes_take(bytes);
	if (length > ROW_ENDPOINT_SIZE || (length == 0 && !entry->endpoint)) {
		bytes->bad = true;
		return false;
	}
	if (length > 0) {
		entry->length = (size_t)length - 1;
		entry->endpoint = (const char *)bytes_take_span(
		    bytes, entry->length);
	}
	for (i = 0; i < 3; i++)
		entry->codes[i] = bytes_take_byte(bytes);
	entry->count = take_below(bytes, INT64_MAX / 2);
	entry->first_ms = reader->day_ms + take_below(bytes, DAY_MS);
	entry->last_ms = entry->first_ms + take_below(bytes, DAY_MS);
	return !bytes->bad;
}

static void open_reader(
    struct rollup_reader *reader, const void *bytes, size_t length, int32_t day)
{
	memset(reader, 0, sizeof(*reader));
	reader->bytes.at = bytes != NULL ? bytes : "";
	reader->bytes.end = reader->bytes.at + length;
	reader->day_ms = day * DAY_MS;
}

/* --- merging --- */

static void add_counts(
    struct rollup_entry *entry, const struct rollup_entry *more)
{
	entry->count += more->count;
	if (more->first_ms < entry->first_ms)
		entry->first_ms = more->first_ms;
	if (more->last_ms > entry->last_ms)
		entry->last_ms = more->last_ms;
}

/* The next rows that belong to one entry, as that entry. False: no more. */
static bool next_fresh(const struct measurement *const **rows,
    const struct measurement *const *end, struct rollup_entry *entry)
{
	struct rollup_entry more;

	if (*rows == end)
		return false;
	fill_entry(*(*rows)++, entry);
	for (; *rows != end; (*rows)++) {
		fill_entry(**rows, &more);
		if (compare_entries(entry, &more) != 0)
			break;
		add_counts(entry, &more);
	}
	return true;
}

int rollup_merge(const void *old, size_t length,
    const struct measurement *const *rows, size_t count, struct buf *out)
{
	const struct measurement *const *end = rows + count;
	struct rollup_writer writer = {.out = out};
	struct rollup_entry fresh, last;
	struct rollup_reader reader;
	bool has_old, has_fresh;
	int order;

	open_reader(&reader, old, length, rollup_day(rows[0]->at_ms));
	writer.day_ms = reader.day_ms;
	has_old = read_entry(&reader);
	has_fresh = next_fresh(&rows, end, &fresh);
	while (has_old || has_fresh) {
		order = !has_fresh ? -1
			: !has_old ? 1
				   : compare_entries(&reader.entry, &fresh);
		last = order <= 0 ? reader.entry : fresh;
		if (order == 0)
			add_counts(&last, &fresh);
		write_entry(&writer, &last);
		if (order <= 0)
			has_old = read_entry(&reader);
		if (order >= 0)
			has_fresh = next_fresh(&rows, end, &fresh);
	}
	return reader.bytes.bad ? -EBADMSG : 0;
}

/* --- reading --- */

static bool fill_row(const struct rollup_entry *entry, struct rollup_row *row)
{
	int outcome = code_value(CODE_OUTCOME, entry->codes[0]);
	int mechanism = code_value(CODE_MECHANISM, entry->codes[1]);
	int where = code_value(CODE_WHERE, entry->codes[2]);

	if (entry->length >= sizeof(row->endpoint))
		return false;
	memcpy(row->endpoint, entry->endpoint, entry->length);
	row->endpoint[entry->length] = '\0';
	row->outcome = (enum outcome)outcome;
	row->mechanism = (enum mechanism)mechanism;
	row->where = (enum where)where;
	row->count = entry->count;
	row->first_ms = entry->first_ms;
	row->last_ms = entry->last_ms;
	return outcome >= 0 && mechanism >= 0 && where >= 0;
}

int rollup_read(const void *bytes, size_t length, struct rollup_row *row,
    rollup_visit *visit, void *arg)
{
	struct rollup_reader reader;
	int result = 0;

	open_reader(&reader, bytes, length, row->day);
	while (result == 0 && read_entry(&reader)) {
		if (!fill_row(&reader.entry, row))
			return -EBADMSG;
		result = visit(arg, row);
	}
	return reader.bytes.bad ? -EBADMSG : result;
}
