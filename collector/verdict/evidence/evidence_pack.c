/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/verdict/evidence/evidence_pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/verdict/evidence/model.h"
#include "lib/base/day.h"

/* Below the codes. */
#define ANOTHER_DAY    1 /* line, day and prefix follow */
#define ONE            2 /* the count is 1 */
#define AT_ONCE        4 /* first and last time are the same */
#define ASNS           8 /* after_asn and before_asn follow */
#define FLAG_BITS      4
#define WHERE_BITS     4
#define MECHANISM_BITS 6

#define ROW_MOST (10 * BYTES_NUMBER_MAX)

/* --- packing --- */

static void pack_names(const struct names *names, struct buf *to)
{
	const char *name;
	uint32_t i;

	bytes_put(to, names->count);
	for (i = 0; i < names->count; i++) {
		name = names_text(names, i);
		bytes_put_text(to, name, strlen(name));
	}
}

static uint64_t codes_of(const struct evidence_row *row)
{
	uint64_t codes = row->outcome;

	codes = codes << MECHANISM_BITS | row->mechanism;
	return codes << WHERE_BITS | row->where;
}

static uint8_t *pack_row(uint8_t *at, const struct evidence_row *row,
    const struct evidence_row *before, int32_t first_day)
{
	bool another = before == NULL || before->line != row->line ||
		       before->day != row->day || before->prefix != row->prefix;
	bool has_asns = row->after_asn != 0 || row->before_asn != 0;
	uint64_t flags = (another ? ANOTHER_DAY : 0) | (has_asns ? ASNS : 0) |
			 (row->count == 1 ? ONE : 0) |
			 (row->first_ms == row->last_ms ? AT_ONCE : 0);

	at = bytes_write(at, codes_of(row) << FLAG_BITS | flags);
	if (another) {
		at = bytes_write(at, row->line);
		at = bytes_write(at, (uint64_t)(row->day - first_day));
		at = bytes_write(at, row->prefix);
	}
	at = bytes_write(at, row->endpoint);
	if (row->count != 1)
		at = bytes_write(at, (uint64_t)row->count);
	at = bytes_write_signed(at, row->first_ms - row->day * DAY_MS);
	if (row->first_ms != row->last_ms)
		at = bytes_write_signed(at, row->last_ms - row->first_ms);
	if (has_asns) {
		at = bytes_write(at, row->after_asn);
		at = bytes_write(at, row->before_asn);
	}
	return at;
}

void evidence_pack(const struct evidence *evidence, struct buf *to)
{
	int32_t first_day = evidence->nrows > 0 ? evidence->rows[0].day : 0;
	uint8_t *begin, *at;
	size_t i;

	for (i = 1; i < evidence->nrows; i++)
		if (evidence->rows[i].day < first_day)
			first_day = evidence->rows[i].day;
	bytes_put(to, evidence->asn);
	bytes_put(to, evidence->family);
	bytes_put(to, evidence->port);
	bytes_put(to, (uint32_t)first_day);
	pack_names(&evidence->agents, to);
	pack_names(&evidence->prefixes, to);
	pack_names(&evidence->endpoints, to);
	begin = at = (uint8_t *)buf_reserve(to, evidence->nrows * ROW_MOST);
	if (begin == NULL)
		return;
	for (i = 0; i < evidence->nrows; i++)
		at = pack_row(at, &evidence->rows[i],
		    i > 0 ? &evidence->rows[i - 1] : NULL, first_day);
	buf_commit(to, (size_t)(at - begin));
}

/* --- unpacking --- */

/* Names as they were packed: where they are, and which of them a row names. */
struct packed_names {
	uint32_t count;
	struct packed_name {
		const char *text;
		size_t length;
		uint32_t number; /* NAMES_NONE: no row has named it */
	} * list;
};

struct unpacking {
	struct bytes bytes;
	struct packed_names agents, prefixes, endpoints;
	int32_t first_day;
	uint64_t codes; /* of the row before */
};

static int take_names(
    struct bytes *bytes, size_t most, struct packed_names *names)
{
	uint64_t count = bytes_take(bytes);
	uint32_t i;

	/* A name takes a byte at least. */
	if (bytes->bad || count > (size_t)(bytes->end - bytes->at))
		return -EINVAL;
	names->list = malloc((count + 1) * sizeof(*names->list));
	if (names->list == NULL)
		return -ENOMEM;
	names->count = (uint32_t)count;
	for (i = 0; i < names->count; i++) {
		struct packed_name *name = &names->list[i];

		name->text = bytes_take_text(bytes, most, &name->length);
		name->number = NAMES_NONE;
		if (name->text == NULL)
			return -EINVAL;
	}
	return 0;
}

/* `row` has those of the row before, which mostly are the same. */
static bool set_codes(
    struct unpacking *unpacking, struct evidence_row *row, uint64_t codes)
{
	if (codes == unpacking->codes)
		return true;
	unpacking->codes = codes;
	row->where = codes & ((1 << WHERE_BITS) - 1);
	codes >>= WHERE_BITS;
	row->mechanism = codes & ((1 << MECHANISM_BITS) - 1);
	codes >>= MECHANISM_BITS;
	row->outcome = (uint8_t)codes;
	row->kind = (uint8_t)evidence_kind_of(
	    (enum outcome)row->outcome, (enum where)row->where);
	return codes < OUTCOME_COUNT && row->mechanism <= MECHANISM_COUNT &&
	       row->where < WHERE_COUNT;
}

/* bytes_take(), inline where there are surely enough bytes. */
static inline uint64_t take(struct bytes *bytes)
{
	const uint8_t *at = bytes->at;
	uint64_t number;
	int shift;

	if (bytes->end - at < BYTES_NUMBER_MAX)
		return bytes_take(bytes);
	number = *at & 0x7f;
	for (shift = 7; (*at++ & 0x80) != 0 && shift < 64; shift += 7)
		number |= (uint64_t)(*at & 0x7f) << shift;
	bytes->at = at;
	return number;
}

static inline int64_t take_signed(struct bytes *bytes)
{
	uint64_t number = take(bytes);

	return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

/* `row` is the row before, at first all zero. */
static bool take_row(struct unpacking *unpacking, struct evidence_row *row)
{
	struct bytes *bytes = &unpacking->bytes;
	uint64_t codes = take(bytes);

	if (codes & ANOTHER_DAY) {
		row->line = (uint32_t)take(bytes);
		row->day = (int32_t)((uint32_t)unpacking->first_day +
				     (uint32_t)take(bytes));
		row->prefix = (uint32_t)take(bytes);
	}
	row->endpoint = (uint32_t)take(bytes);
	row->count = codes & ONE ? 1 : (int64_t)take(bytes);
	row->first_ms = row->day * DAY_MS + take_signed(bytes);
	row->last_ms = row->first_ms;
	if (!(codes & AT_ONCE))
		row->last_ms += take_signed(bytes);
	row->after_asn = codes & ASNS ? (uint32_t)take(bytes) : 0;
	row->before_asn = codes & ASNS ? (uint32_t)take(bytes) : 0;
	return set_codes(unpacking, row, codes >> FLAG_BITS) && !bytes->bad &&
	       row->line < unpacking->agents.count &&
	       row->prefix < unpacking->prefixes.count &&
	       row->endpoint < unpacking->endpoints.count;
}

static int take_rows(
    struct unpacking *unpacking, struct evidence *evidence, int32_t until_day)
{
	int32_t begin = evidence_window_begin(evidence->today);
	struct evidence_row row = {0}, *to;

	while (unpacking->bytes.at != unpacking->bytes.end) {
		if (!take_row(unpacking, &row))
			return -EINVAL;
		if (row.day < begin || row.day >= until_day ||
		    (!evidence->is_kept &&
			(row.day > evidence->today ||
			    row.first_ms > evidence->now_ms)))
			continue;
		to = evidence_next_row(evidence);
		if (to == NULL)
			return -ENOMEM;
		*to = row;
		evidence->nrows++;
		unpacking->agents.list[row.line].number = 0;
		unpacking->prefixes.list[row.prefix].number = 0;
		unpacking->endpoints.list[row.endpoint].number = 0;
	}
	return 0;
}

/* Number the names that are used, in their order. */
static int put_names(struct packed_names *packed, struct names *names)
{
	char text[ROW_ENDPOINT_SIZE + ADDR_TEXT_SIZE];
	uint32_t i;

	for (i = 0; i < packed->count; i++) {
		struct packed_name *name = &packed->list[i];

		if (name->number == NAMES_NONE)
			continue;
		memcpy(text, name->text, name->length);
		text[name->length] = '\0';
		if (names_put(names, text, &name->number) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int number_rows(struct unpacking *unpacking, struct evidence *evidence)
{
	size_t i;

	if (put_names(&unpacking->agents, &evidence->agents) < 0 ||
	    put_names(&unpacking->prefixes, &evidence->prefixes) < 0 ||
	    put_names(&unpacking->endpoints, &evidence->endpoints) < 0)
		return -ENOMEM;
	for (i = 0; i < evidence->nrows; i++) {
		struct evidence_row *row = &evidence->rows[i];

		row->line = unpacking->agents.list[row->line].number;
		row->prefix = unpacking->prefixes.list[row->prefix].number;
		row->endpoint = unpacking->endpoints.list[row->endpoint].number;
	}
	return 0;
}

int evidence_unpack(struct evidence *evidence, const uint8_t *bytes,
    size_t length, const struct evidence_wanted *wanted)
{
	struct unpacking unpacking = {
	    .bytes = {bytes, bytes + length, false}, .codes = UINT64_MAX};
	struct rollup_row key = {0};
	int error;

	key.asn = (uint32_t)bytes_take(&unpacking.bytes);
	key.family = (uint8_t)bytes_take(&unpacking.bytes);
	key.port = (uint16_t)bytes_take(&unpacking.bytes);
	unpacking.first_day = (int32_t)bytes_take(&unpacking.bytes);
	evidence_begin(evidence, &key, wanted->now_ms);
	evidence->is_kept = wanted->keeps;
	error = take_names(
	    &unpacking.bytes, ROW_AGENT_SIZE - 1, &unpacking.agents);
	if (error == 0)
		error = take_names(
		    &unpacking.bytes, ADDR_TEXT_SIZE - 1, &unpacking.prefixes);
	if (error == 0)
		error = take_names(&unpacking.bytes, ROW_ENDPOINT_SIZE - 1,
		    &unpacking.endpoints);
	if (error == 0)
		error = take_rows(&unpacking, evidence, wanted->until_day);
	if (error == 0)
		error = number_rows(&unpacking, evidence);
	free(unpacking.agents.list);
	free(unpacking.prefixes.list);
	free(unpacking.endpoints.list);
	return error;
}

int evidence_packed_agents(const uint8_t *bytes, size_t length,
    int (*visit)(void *arg, const char *agent), void *arg)
{
	struct bytes at = {bytes, bytes + length, false};
	char agent[ROW_AGENT_SIZE];
	uint64_t count;
	int result = 0, i;

	for (i = 0; i < 4; i++) /* the network, and its first day */
		bytes_take(&at);
	for (count = bytes_take(&at); result == 0 && count > 0; count--) {
		size_t size;
		const char *text = bytes_take_text(
		    &at, sizeof(agent) - 1, &size);

		if (text == NULL)
			return -EINVAL;
		memcpy(agent, text, size);
		agent[size] = '\0';
		result = visit(arg, agent);
	}
	return result;
}
