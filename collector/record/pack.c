/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/pack.h"

#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/codes.h"

/* Of the summary. With more sources or ports it names none. */
#define SOURCE_SIZE  7
#define SOURCES_MOST 64
#define PORT_SIZE    2
#define PORTS_MOST   16
#define PORTS_MANY   255 /* in the place of their count */

_Static_assert(OUTCOME_COUNT < 8, "the codes of outcomes are bits of a byte");

/* A value of which -1 means absent. */
static uint8_t *write_or_absent(uint8_t *at, int64_t value)
{
	return bytes_write(at, value < 0 ? 0 : (uint64_t)value + 1);
}

static bool is_same_source(
    const struct measurement *a, const struct measurement *b)
{
	return a->asn == b->asn && a->family == b->family &&
	       a->attributed == b->attributed &&
	       strcmp(a->agent, b->agent) == 0 &&
	       strcmp(a->run_by, b->run_by) == 0 &&
	       strcmp(a->prefix, b->prefix) == 0 &&
	       strcmp(a->network, b->network) == 0 &&
	       strcmp(a->country, b->country) == 0;
}

/* The recent entries of a list are a ring: entry `number` is at `number` %
 * PACK_RECENT. This is the oldest that is still there. */
static uint32_t oldest_recent(uint32_t count)
{
	return count > PACK_RECENT ? count - PACK_RECENT : 0;
}

/* Add an entry of `size` bytes; a set that is full takes one more, and is then
 * too long. */
static void add_to_set(
    struct buf *set, const uint8_t *entry, size_t size, size_t most)
{
	size_t at;

	if (set->length > most * size)
		return;
	for (at = 0; at < set->length; at += size)
		if (memcmp(set->data + at, entry, size) == 0)
			return;
	buf_append(set, entry, size);
}

static void summarize(struct packer *packer, const struct measurement *row)
{
	struct buf *sources = &packer->summary;
	const uint8_t source[SOURCE_SIZE] = {(uint8_t)(row->asn >> 24),
	    (uint8_t)(row->asn >> 16), (uint8_t)(row->asn >> 8),
	    (uint8_t)row->asn, row->family, (uint8_t)row->country[0],
	    (uint8_t)row->country[1]};
	const uint8_t port[PORT_SIZE] = {
	    (uint8_t)(row->port >> 8), (uint8_t)row->port};

	packer->outcomes |= (uint8_t)(1 << code_of(
					  CODE_OUTCOME, (int)row->outcome));
	add_to_set(sources, source, SOURCE_SIZE, SOURCES_MOST);
	add_to_set(&packer->ports, port, PORT_SIZE, PORTS_MOST);
}

static uint32_t add_source(struct packer *packer, const struct measurement *row)
{
	struct buf *list = &packer->lists[PACK_SOURCES];
	uint32_t number = packer->counts[PACK_SOURCES];
	uint32_t oldest = oldest_recent(number);

	while (number > oldest)
		if (is_same_source(
			row, packer->recent_sources[--number % PACK_RECENT]))
			return number;
	number = packer->counts[PACK_SOURCES]++;
	packer->recent_sources[number % PACK_RECENT] = row;
	bytes_put_text(list, row->agent, strlen(row->agent));
	bytes_put(list, row->asn);
	bytes_put_text(list, row->network, strlen(row->network));
	bytes_put_text(list, row->country, strlen(row->country));
	bytes_put_text(list, row->prefix, strlen(row->prefix));
	bytes_put(list, row->family);
	bytes_put(list, row->attributed);
	bytes_put_text(list, row->run_by, strlen(row->run_by));
	return number;
}

static size_t address_size(const struct addr *address)
{
	return address->family == 4 ? 4 : address->family == 6 ? 16 : 0;
}

static uint32_t add_target(struct packer *packer, const struct measurement *row)
{
	struct buf *list = &packer->lists[PACK_TARGETS];
	uint32_t source = add_source(packer, row);
	uint32_t number = packer->counts[PACK_TARGETS];
	uint32_t oldest = oldest_recent(number);
	const struct measurement *recent;

	while (number > oldest) {
		recent = packer->recent_targets[--number % PACK_RECENT];
		if (packer->source_of[number % PACK_RECENT] == source &&
		    addr_equal(&recent->address, &row->address) &&
		    strcmp(recent->endpoint, row->endpoint) == 0)
			return number;
	}
	number = packer->counts[PACK_TARGETS]++;
	packer->recent_targets[number % PACK_RECENT] = row;
	packer->source_of[number % PACK_RECENT] = source;
	bytes_put(list, source);
	bytes_put_text(list, row->endpoint, strlen(row->endpoint));
	bytes_put_text(list, (const char *)row->address.bytes,
	    address_size(&row->address));
	return number;
}

static size_t write_result(const struct measurement *row, uint8_t *result)
{
	size_t length = strlen(row->tls_version);
	uint8_t *at = bytes_write(result, row->port);

	*at++ = code_of(CODE_MODE, (int)row->mode);
	*at++ = code_of(CODE_STAGE, (int)row->ended);
	*at++ = code_of(CODE_FAILURE, (int)row->failure);
	*at++ = code_of(CODE_OUTCOME, (int)row->outcome);
	*at++ = code_of(CODE_MECHANISM, (int)row->mechanism);
	*at++ = code_of(CODE_WHERE, (int)row->where);
	*at++ = code_of(CODE_VERIFY, (int)row->tls_verify);
	*at++ = row->listed;
	at = write_or_absent(at, row->after_hop);
	at = write_or_absent(at, row->before_hop);
	at = bytes_write(at, row->after_asn);
	at = bytes_write(at, row->before_asn);
	at = bytes_write(at, row->signs);
	at = write_or_absent(at, row->icmp_type);
	at = write_or_absent(at, row->icmp_code);
	at = write_or_absent(at, row->smtp_code);
	at = bytes_write(at, length);
	memcpy(at, row->tls_version, length);
	return (size_t)(at - result) + length;
}

static uint32_t add_result(struct packer *packer, const struct measurement *row)
{
	uint8_t result[PACK_RESULT_SIZE];
	size_t size = write_result(row, result);
	uint32_t number = packer->counts[PACK_RESULTS];
	uint32_t oldest = oldest_recent(number);

	while (number > oldest) {
		number--;
		if (packer->result_sizes[number % PACK_RECENT] == size &&
		    memcmp(packer->recent_results[number % PACK_RECENT], result,
			size) == 0)
			return number;
	}
	number = packer->counts[PACK_RESULTS]++;
	packer->result_sizes[number % PACK_RECENT] = size;
	memcpy(packer->recent_results[number % PACK_RECENT], result, size);
	buf_append(&packer->lists[PACK_RESULTS], result, size);
	return number;
}

void packer_add(
    struct packer *packer, const struct measurement *row, uint32_t n)
{
	uint8_t bytes[7 * BYTES_NUMBER_MAX], *at = bytes;

	at = bytes_write_signed(at, (int64_t)n - packer->last_n);
	at = bytes_write_signed(at, row->at_ms - packer->last_at_ms);
	at = bytes_write(at, add_target(packer, row));
	at = bytes_write(at, add_result(packer, row));
	at = write_or_absent(at, row->endpoint_hops);
	at = write_or_absent(at, row->connect_us);
	at = write_or_absent(at, row->total_us);
	buf_append(&packer->lists[PACK_ROWS], bytes, (size_t)(at - bytes));
	packer->counts[PACK_ROWS]++;
	packer->last_n = n;
	packer->last_at_ms = row->at_ms;
	if (row->listed)
		summarize(packer, row);
}

static void clear(struct packer *packer)
{
	int list;

	for (list = 0; list < PACK_LISTS; list++) {
		buf_clear(&packer->lists[list]);
		packer->counts[list] = 0;
	}
	buf_clear(&packer->summary);
	buf_clear(&packer->ports);
	packer->last_at_ms = packer->last_n = 0;
	packer->outcomes = 0;
}

static void write_summary(const struct packer *packer, struct buf *summary)
{
	const struct buf *sources = &packer->summary, *ports = &packer->ports;
	bool many = ports->length > PORTS_MOST * PORT_SIZE;
	const uint8_t head[2] = {packer->outcomes,
	    many ? PORTS_MANY : (uint8_t)(ports->length / PORT_SIZE)};

	buf_append(summary, head, sizeof(head));
	if (!many)
		buf_append(summary, ports->data, ports->length);
	if (sources->length <= SOURCES_MOST * SOURCE_SIZE)
		buf_append(summary, sources->data, sources->length);
	summary->failed |= sources->failed || ports->failed;
}

void packer_finish(
    struct packer *packer, struct buf *bytes, struct buf *summary)
{
	int list;

	bytes_put(bytes, PACK_VERSION);
	for (list = 0; list < PACK_LISTS; list++) {
		struct buf *part = &packer->lists[list];

		bytes_put(bytes, packer->counts[list]);
		buf_append(bytes, part->data, part->length);
		bytes->failed |= part->failed;
	}
	write_summary(packer, summary);
	clear(packer);
}

void packer_free(struct packer *packer)
{
	int list;

	for (list = 0; list < PACK_LISTS; list++)
		buf_free(&packer->lists[list]);
	buf_free(&packer->summary);
	buf_free(&packer->ports);
}

static bool source_matches(
    const uint8_t source[SOURCE_SIZE], const struct row_filter *filter)
{
	uint32_t asn = (uint32_t)source[0] << 24 | (uint32_t)source[1] << 16 |
		       (uint32_t)source[2] << 8 | source[3];

	return (!filter->has_asn || filter->asn == asn) &&
	       (filter->family == 0 || filter->family == source[4]) &&
	       (filter->country[0] == '\0' ||
		   memcmp(filter->country, source + 5, 2) == 0);
}

/* Whether the filter's port is among the summary's. `*sources`: where what
 * follows them begins. */
static bool port_matches(const uint8_t *summary, size_t length,
    const struct row_filter *filter, size_t *sources)
{
	size_t at, end = 2 + (size_t)summary[1] * PORT_SIZE;

	*sources = 2;
	if (summary[1] == PORTS_MANY)
		return true;
	if (end > length)
		end = length;
	*sources = end;
	for (at = 2; at + PORT_SIZE <= end; at += PORT_SIZE)
		if ((summary[at] << 8 | summary[at + 1]) == filter->port)
			return true;
	return filter->port == 0;
}

bool pack_may_match(
    const uint8_t *summary, size_t length, const struct row_filter *filter)
{
	size_t at, sources;

	if (length < 2)
		return true;
	if (summary[0] == 0)
		return false; /* nothing is listed */
	if (filter->outcome >= 0 &&
	    !(summary[0] >> code_of(CODE_OUTCOME, filter->outcome) & 1))
		return false;
	if (!port_matches(summary, length, filter, &sources))
		return false;
	for (at = sources; at + SOURCE_SIZE <= length; at += SOURCE_SIZE)
		if (source_matches(summary + at, filter))
			return true;
	return length == sources;
}
