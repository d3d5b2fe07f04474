/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/pack_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/codes.h"

/* --- the lists' entries --- */

static void take_text(struct bytes *bytes, char *out, size_t size)
{
	size_t length;
	const char *text = bytes_take_text(bytes, size - 1, &length);

	if (text != NULL)
		memcpy(out, text, length);
	out[text != NULL ? length : 0] = '\0';
}

static int take_code(struct bytes *bytes, enum code_kind kind)
{
	int value = code_value(kind, bytes_take_byte(bytes));

	if (value < 0)
		bytes->bad = true;
	return value;
}

static int64_t take_or_absent(struct bytes *bytes)
{
	return (int64_t)(bytes_take(bytes) - 1);
}

/* An index into a list of `count` entries. */
static uint32_t take_index(struct bytes *bytes, size_t count)
{
	uint64_t index = bytes_take(bytes);

	if (index < count)
		return (uint32_t)index;
	bytes->bad = true;
	return 0;
}

static void take_source(
    struct bytes *bytes, uint64_t version, struct measurement *source)
{
	memset(source, 0, sizeof(*source));
	take_text(bytes, source->agent, sizeof(source->agent));
	source->asn = (uint32_t)bytes_take(bytes);
	take_text(bytes, source->network, sizeof(source->network));
	take_text(bytes, source->country, sizeof(source->country));
	take_text(bytes, source->prefix, sizeof(source->prefix));
	source->family = (uint8_t)bytes_take(bytes);
	source->attributed = bytes_take(bytes) != 0;
	if (version >= 3)
		take_text(bytes, source->run_by, sizeof(source->run_by));
}

/* A target's `listed` says that its source is not left out, and its at_ms which
 * source it has. */
static void take_target(
    struct bytes *bytes, const struct pack *pack, struct measurement *target)
{
	uint32_t source = take_index(bytes, pack->counts[PACK_SOURCES]);
	const char *address;
	size_t length;

	if (bytes->bad)
		return;
	*target = pack->sources[source];
	target->listed = true;
	target->at_ms = source;
	take_text(bytes, target->endpoint, sizeof(target->endpoint));
	address = bytes_take_text(
	    bytes, sizeof(target->address.bytes), &length);
	if (address == NULL || length == 0)
		return;
	bytes->bad |= length != 4 && length != 16;
	target->address.family = length == 4 ? 4 : 6;
	memcpy(target->address.bytes, address, length);
}

static void take_hops(
    struct bytes *bytes, uint64_t version, struct measurement *result)
{
	result->after_hop = (int)take_or_absent(bytes);
	result->before_hop = OBSERVE_ABSENT;
	if (version < 3)
		return;
	result->before_hop = (int)take_or_absent(bytes);
	result->after_asn = (uint32_t)bytes_take(bytes);
	result->before_asn = (uint32_t)bytes_take(bytes);
	result->signs = (unsigned)bytes_take(bytes);
}

static void take_result(
    struct bytes *bytes, uint64_t version, struct measurement *result)
{
	memset(result, 0, sizeof(*result));
	result->port = (uint16_t)bytes_take(bytes);
	result->mode = (enum port_mode)take_code(bytes, CODE_MODE);
	result->ended = (enum stage)take_code(bytes, CODE_STAGE);
	result->failure = (enum failure)take_code(bytes, CODE_FAILURE);
	result->outcome = (enum outcome)take_code(bytes, CODE_OUTCOME);
	result->mechanism = (enum mechanism)take_code(bytes, CODE_MECHANISM);
	result->where = (enum where)take_code(bytes, CODE_WHERE);
	result->tls_verify = (enum tls_verify)take_code(bytes, CODE_VERIFY);
	result->listed = version < 2 || bytes_take_byte(bytes) != 0;
	take_hops(bytes, version, result);
	result->icmp_type = (int)take_or_absent(bytes);
	result->icmp_code = (int)take_or_absent(bytes);
	result->smtp_code = (int)take_or_absent(bytes);
	take_text(bytes, result->tls_version, sizeof(result->tls_version));
}

static void take_row(struct bytes *bytes, const struct pack *pack,
    const struct pack_row *last, struct pack_row *row)
{
	row->n = last->n + (uint32_t)bytes_take_signed(bytes);
	row->at_ms = (int64_t)((uint64_t)last->at_ms +
			       (uint64_t)bytes_take_signed(bytes));
	row->target = take_index(bytes, pack->counts[PACK_TARGETS]);
	row->result = take_index(bytes, pack->counts[PACK_RESULTS]);
	row->endpoint_hops = (int)take_or_absent(bytes);
	row->connect_us = take_or_absent(bytes);
	row->total_us = take_or_absent(bytes);
}

/* --- the lists --- */

/* The fewest bytes that an entry can take. A false count thus cannot make us
 * allocate much more than the bytes could fill. */
static const size_t entry_least[PACK_LISTS] = {[PACK_SOURCES] = 7,
    [PACK_TARGETS] = 3,
    [PACK_RESULTS] = 13,
    [PACK_ROWS] = 7};

/* Read the count of a list and make room for it. 0, -ENOMEM or -EBADMSG. */
static int open_list(struct pack *pack, enum pack_list list, void **entries,
    size_t size, struct bytes *bytes)
{
	uint64_t count = bytes_take(bytes);
	void *grown;

	if (bytes->bad ||
	    count > (size_t)(bytes->end - bytes->at) / entry_least[list])
		return -EBADMSG;
	pack->counts[list] = (size_t)count;
	if (count <= pack->capacities[list])
		return 0;
	grown = realloc(*entries, (size_t)count * size);
	if (grown == NULL)
		return -ENOMEM;
	*entries = grown;
	pack->capacities[list] = (size_t)count;
	return 0;
}

static int read_vantage(
    struct pack *pack, struct bytes *bytes, uint64_t version)
{
	void *entries = pack->sources;
	int error = open_list(
	    pack, PACK_SOURCES, &entries, sizeof(*pack->sources), bytes);
	size_t i;

	pack->sources = entries;
	if (error < 0)
		return error;
	for (i = 0; i < pack->counts[PACK_SOURCES]; i++)
		take_source(bytes, version, &pack->sources[i]);
	entries = pack->targets;
	error = open_list(
	    pack, PACK_TARGETS, &entries, sizeof(*pack->targets), bytes);
	pack->targets = entries;
	if (error < 0)
		return error;
	for (i = 0; i < pack->counts[PACK_TARGETS] && !bytes->bad; i++)
		take_target(bytes, pack, &pack->targets[i]);
	return 0;
}

static int read_results(
    struct pack *pack, struct bytes *bytes, uint64_t version)
{
	void *entries = pack->results;
	int error = open_list(
	    pack, PACK_RESULTS, &entries, sizeof(*pack->results), bytes);
	size_t i;

	pack->results = entries;
	if (error < 0)
		return error;
	for (i = 0; i < pack->counts[PACK_RESULTS]; i++)
		take_result(bytes, version, &pack->results[i]);
	return 0;
}

static int read_rows(struct pack *pack, struct bytes *bytes)
{
	static const struct pack_row before;
	void *entries = pack->rows;
	int error = open_list(
	    pack, PACK_ROWS, &entries, sizeof(*pack->rows), bytes);
	size_t i;

	pack->rows = entries;
	if (error < 0)
		return error;
	for (i = 0; i < pack->counts[PACK_ROWS]; i++)
		take_row(bytes, pack, i > 0 ? &pack->rows[i - 1] : &before,
		    &pack->rows[i]);
	return 0;
}

int pack_read(struct pack *pack, const void *data, size_t length)
{
	struct bytes bytes = {.at = data};
	uint64_t version;
	int error;

	bytes.end = bytes.at + length;
	pack->counts[PACK_ROWS] = 0;
	version = bytes_take(&bytes);
	if (version < 1 || version > PACK_VERSION)
		return -EBADMSG;
	error = read_vantage(pack, &bytes, version);
	if (error == 0)
		error = read_results(pack, &bytes, version);
	if (error == 0)
		error = read_rows(pack, &bytes);
	if (error == 0 && (bytes.bad || bytes.at != bytes.end))
		error = -EBADMSG;
	if (error < 0)
		pack->counts[PACK_ROWS] = 0;
	return error;
}

void pack_free(struct pack *pack)
{
	free(pack->sources);
	free(pack->targets);
	free(pack->results);
	free(pack->rows);
	memset(pack, 0, sizeof(*pack));
}

/* --- the rows --- */

void pack_leave_out(struct pack *pack, size_t index)
{
	size_t i;

	for (i = 0; i < pack->counts[PACK_TARGETS]; i++)
		if (pack->targets[i].at_ms == (int64_t)index)
			pack->targets[i].listed = false;
}

bool pack_matches(
    const struct pack *pack, size_t index, const struct row_filter *filter)
{
	const struct pack_row *row = &pack->rows[index];
	const struct measurement *target = &pack->targets[row->target];
	const struct measurement *result = &pack->results[row->result];

	return result->listed && target->listed &&
	       (filter->since_ms == 0 || row->at_ms >= filter->since_ms) &&
	       (filter->until_ms == 0 || row->at_ms < filter->until_ms) &&
	       (filter->port == 0 || filter->port == result->port) &&
	       (filter->outcome < 0 ||
		   filter->outcome == (int)result->outcome) &&
	       (!filter->has_asn || filter->asn == target->asn) &&
	       (filter->family == 0 || filter->family == target->family) &&
	       (filter->country[0] == '\0' ||
		   strcmp(filter->country, target->country) == 0);
}

void pack_row_at(const struct pack *pack, size_t index, struct measurement *row)
{
	const struct pack_row *packed = &pack->rows[index];
	const struct measurement *result = &pack->results[packed->result];

	*row = pack->targets[packed->target];
	row->at_ms = packed->at_ms;
	row->port = result->port;
	row->mode = result->mode;
	row->ended = result->ended;
	row->failure = result->failure;
	row->outcome = result->outcome;
	row->mechanism = result->mechanism;
	row->where = result->where;
	row->after_hop = result->after_hop;
	row->before_hop = result->before_hop;
	row->after_asn = result->after_asn;
	row->before_asn = result->before_asn;
	row->signs = result->signs;
	row->endpoint_hops = packed->endpoint_hops;
	row->icmp_type = result->icmp_type;
	row->icmp_code = result->icmp_code;
	row->smtp_code = result->smtp_code;
	memcpy(row->tls_version, result->tls_version, sizeof(row->tls_version));
	row->tls_verify = result->tls_verify;
	row->listed = result->listed;
	row->connect_us = packed->connect_us;
	row->total_us = packed->total_us;
}
