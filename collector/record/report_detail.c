/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/report_detail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/keyword.h"
#include "lib/report/receipt_word.h"

#define VERSION       2 /* 1: without receipts */
#define SOFTWARE_MOST 63

#define PROBE_NUMBERS (STAGE_COUNT + 7) /* beside its keywords */

enum tag { TAG_PATH = 1, TAG_PROBE = 2 };

const char *hop_zone_word(enum hop_zone zone)
{
	static const char *const words[ZONE_COUNT] = {
	    [ZONE_NONE] = "",
	    [ZONE_HOME] = "home",
	    [ZONE_PROVIDER] = "provider",
	    [ZONE_TRANSIT] = "transit",
	    [ZONE_ENDPOINT] = "endpoint",
	};

	return (int)zone >= 0 && zone < ZONE_COUNT ? words[zone] : "";
}

/* --- writing --- */

/* A number of which -1 means absent. */
static void put_or_absent(struct buf *out, int64_t number)
{
	bytes_put(out, number < 0 ? 0 : (uint64_t)number + 1);
}

static void put_text(struct buf *out, const char *text)
{
	bytes_put_text(out, text, strlen(text));
}

void report_detail_begin(struct buf *out, const char *software)
{
	bytes_put(out, VERSION);
	put_text(out, software);
}

static void put_hop(struct buf *out, const struct detail_hop *hop)
{
	put_or_absent(out, hop->ttl);
	bytes_put(out, hop->answered);
	bytes_put(out, (uint64_t)hop->zone);
	bytes_put(out, hop->asn);
	put_text(out, hop->prefix);
	put_or_absent(out, hop->us);
}

void report_detail_add_path(struct buf *out, const struct detail_path *path)
{
	size_t i;

	bytes_put(out, TAG_PATH);
	bytes_put(out, path->row);
	bytes_put(out, path->nrows);
	bytes_put(out, path->port);
	bytes_put(out, path->reached);
	put_or_absent(out, path->answer_ttl);
	bytes_put(out, path->nhops);
	for (i = 0; i < path->nhops; i++)
		put_hop(out, &path->hops[i]);
}

/* A keyword's number, or its text, whose length is none. */
static uint8_t *write_keyword(uint8_t *at, const char *keyword)
{
	size_t length = strlen(keyword);
	uint64_t number = keyword_number(keyword, length);

	at = bytes_write(at, number != 0 ? number : length);
	if (number != 0)
		return at;
	memcpy(at, keyword, length);
	return at + length;
}

void report_detail_pack_keywords(struct detail_keywords *out,
    const char (*caps)[OBSERVE_CAP_SIZE], size_t ncaps)
{
	uint8_t *at = bytes_write(out->bytes, ncaps);
	size_t i;

	for (i = 0; i < ncaps; i++)
		at = write_keyword(at, caps[i]);
	out->length = (size_t)(at - out->bytes);
}

/* A number of which -1 means absent, as a stage that was not passed. */
static uint8_t *write_or_absent(uint8_t *at, int64_t number)
{
	return bytes_write(at, number < 0 ? 0 : (uint64_t)number + 1);
}

static uint8_t *write_text(uint8_t *at, const char *text)
{
	size_t length = strlen(text);

	at = bytes_write(at, length);
	memcpy(at, text, length);
	return at + length;
}

static uint8_t *write_probe(uint8_t *at, const struct detail_probe *probe,
    const struct detail_keywords *keywords)
{
	size_t i;

	at = bytes_write(at, TAG_PROBE);
	at = bytes_write(at, probe->row);
	at = bytes_write(at, STAGE_COUNT);
	for (i = 0; i < STAGE_COUNT; i++)
		at = write_or_absent(at, probe->us[i]);
	at = write_text(at, probe->text);
	memcpy(at, keywords->bytes, keywords->length);
	at = write_or_absent(at + keywords->length, probe->reply_code);
	at = write_text(at, probe->reply);
	return bytes_write(at, (uint64_t)probe->receipt);
}

void report_detail_add_probe(struct buf *out, const struct detail_probe *probe,
    const struct detail_keywords *keywords)
{
	struct detail_keywords own;
	uint8_t *begin;

	if (keywords == NULL) {
		report_detail_pack_keywords(&own, probe->caps, probe->ncaps);
		keywords = &own;
	}
	begin = (uint8_t *)buf_reserve(
	    out, PROBE_NUMBERS * BYTES_NUMBER_MAX + sizeof(probe->text) +
		     keywords->length + sizeof(probe->reply));
	if (begin != NULL)
		buf_commit(
		    out, (size_t)(write_probe(begin, probe, keywords) - begin));
}

/* --- reading --- */

/* A number of at most `most`, or what is absent. */
static int64_t take_or_absent(struct bytes *bytes, int64_t most)
{
	uint64_t number = bytes_take(bytes);

	if (number > (uint64_t)most + 1)
		bytes->bad = true;
	return bytes->bad || number == 0 ? OBSERVE_ABSENT : (int64_t)number - 1;
}

static uint64_t take_most(struct bytes *bytes, uint64_t most)
{
	uint64_t number = bytes_take(bytes);

	if (number <= most)
		return number;
	bytes->bad = true;
	return 0;
}

static void take_text(struct bytes *bytes, char *out, size_t size)
{
	size_t length = 0;
	const char *text = bytes_take_text(bytes, size - 1, &length);

	if (text != NULL)
		memcpy(out, text, length);
	else
		length = 0;
	out[length] = '\0';
}

static void take_hop(struct bytes *bytes, struct detail_hop *hop)
{
	hop->ttl = (int)take_or_absent(bytes, UINT8_MAX);
	hop->answered = take_most(bytes, 1) != 0;
	hop->zone = (enum hop_zone)take_most(bytes, ZONE_COUNT - 1);
	hop->asn = (uint32_t)take_most(bytes, UINT32_MAX);
	take_text(bytes, hop->prefix, sizeof(hop->prefix));
	hop->us = take_or_absent(bytes, INT64_MAX - 1);
}

static int read_path(
    struct bytes *bytes, const struct report_detail_visitor *visitor)
{
	struct detail_path path;
	size_t i;

	path.row = (uint32_t)take_most(bytes, UINT32_MAX);
	path.nrows = (uint32_t)take_most(bytes, UINT32_MAX);
	path.port = (uint16_t)take_most(bytes, UINT16_MAX);
	path.reached = take_most(bytes, 1) != 0;
	path.answer_ttl = (int)take_or_absent(bytes, UINT8_MAX);
	path.nhops = (size_t)take_most(bytes, OBSERVE_HOPS_MAX);
	for (i = 0; i < path.nhops; i++)
		take_hop(bytes, &path.hops[i]);
	return bytes->bad ? -EBADMSG : visitor->path(visitor->arg, &path);
}

/* Stages that this version does not know come last, and are left out. */
static void take_times(struct bytes *bytes, int64_t us[STAGE_COUNT])
{
	size_t count = (size_t)take_most(bytes, UINT8_MAX), i;
	int64_t time;

	for (i = 0; i < STAGE_COUNT; i++)
		us[i] = OBSERVE_ABSENT;
	for (i = 0; i < count; i++) {
		time = take_or_absent(bytes, INT64_MAX - 1);
		if (i < STAGE_COUNT)
			us[i] = time;
	}
}

static void take_keyword(struct bytes *bytes, char out[OBSERVE_CAP_SIZE])
{
	uint64_t number = bytes_take(bytes);
	const char *known = keyword_text(number);
	const uint8_t *text = NULL;

	if (known == NULL && number < OBSERVE_CAP_SIZE)
		text = bytes_take_span(bytes, (size_t)number);
	if (known != NULL)
		snprintf(out, OBSERVE_CAP_SIZE, "%s", known);
	else if (text != NULL)
		snprintf(out, OBSERVE_CAP_SIZE, "%.*s", (int)number,
		    (const char *)text);
	else
		bytes->bad = true;
}

static int read_probe(struct bytes *bytes, uint64_t version,
    const struct report_detail_visitor *visitor)
{
	struct detail_probe probe;
	size_t i;

	probe.row = (uint32_t)take_most(bytes, UINT32_MAX);
	take_times(bytes, probe.us);
	take_text(bytes, probe.text, sizeof(probe.text));
	probe.ncaps = (size_t)take_most(bytes, OBSERVE_CAPS_MAX);
	for (i = 0; i < probe.ncaps; i++)
		take_keyword(bytes, probe.caps[i]);
	probe.reply_code = (int)take_or_absent(bytes, 999);
	take_text(bytes, probe.reply, sizeof(probe.reply));
	probe.receipt = RECEIPT_NONE;
	if (version > 1)
		probe.receipt = (enum receipt_worth)take_most(
		    bytes, RECEIPT_WORTHS - 1);
	return bytes->bad ? -EBADMSG : visitor->probe(visitor->arg, &probe);
}

int report_detail_read(const void *from, size_t length,
    const struct report_detail_visitor *visitor)
{
	struct bytes bytes = {from, (const uint8_t *)from + length, false};
	char software[SOFTWARE_MOST + 1];
	uint64_t version;
	int result;

	if (length == 0)
		return 0;
	version = bytes_take(&bytes);
	if (version < 1 || version > VERSION)
		return -EBADMSG;
	take_text(&bytes, software, sizeof(software));
	result = bytes.bad ? -EBADMSG
			   : visitor->software(visitor->arg, software);
	while (result == 0 && bytes.at < bytes.end) {
		switch (bytes_take(&bytes)) {
		case TAG_PATH:
			result = read_path(&bytes, visitor);
			break;
		case TAG_PROBE:
			result = read_probe(&bytes, version, visitor);
			break;
		default:
			result = -EBADMSG;
		}
	}
	return result;
}
