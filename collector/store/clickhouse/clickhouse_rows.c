/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_rows.h"

#include <string.h>

#include "collector/record/codes.h"
#include "collector/record/rollup.h"
#include "lib/base/day.h"

/* --- writing --- */

static void put_code(struct buf *out, enum code_kind kind, int value)
{
	wire_put(out, code_of(kind, value), 1);
}

static void put_address(struct buf *out, const struct addr *address)
{
	wire_put_bytes(out, address->bytes,
	    address->family == 4   ? 4
	    : address->family == 6 ? 16
				   : 0);
}

static void put_source(struct buf *out, const struct measurement *row)
{
	wire_put_text(out, row->run_by);
	wire_put(out, row->asn, 4);
	wire_put_text(out, row->network);
	wire_put_text(out, row->country);
	wire_put_text(out, row->prefix);
	wire_put(out, row->family, 1);
	wire_put_text(out, row->endpoint);
	put_address(out, &row->address);
	wire_put(out, row->port, 2);
}

static void put_result(struct buf *out, const struct measurement *row)
{
	put_code(out, CODE_MODE, (int)row->mode);
	put_code(out, CODE_STAGE, (int)row->ended);
	put_code(out, CODE_FAILURE, (int)row->failure);
	put_code(out, CODE_OUTCOME, (int)row->outcome);
	put_code(out, CODE_MECHANISM, (int)row->mechanism);
	put_code(out, CODE_WHERE, (int)row->where);
	wire_put(out, (uint64_t)row->after_hop, 4);
	wire_put(out, (uint64_t)row->before_hop, 4);
	wire_put(out, (uint64_t)row->endpoint_hops, 4);
	wire_put(out, row->after_asn, 4);
	wire_put(out, row->before_asn, 4);
	wire_put(out, row->signs, 4);
	wire_put(out, (uint64_t)row->icmp_type, 4);
	wire_put(out, (uint64_t)row->icmp_code, 4);
	wire_put(out, (uint64_t)row->smtp_code, 4);
	wire_put_text(out, row->tls_version);
	put_code(out, CODE_VERIFY, (int)row->tls_verify);
	wire_put(out, (uint64_t)row->connect_us, 8);
	wire_put(out, (uint64_t)row->total_us, 8);
	wire_put(out, row->attributed, 1);
	wire_put(out, row->listed, 1);
}

void rows_put_measurement(struct buf *out, const struct measurement *row,
    const struct rows_origin *origin)
{
	wire_put(out, (uint64_t)origin->received_ms, 8);
	wire_put(out, origin->own, 1);
	wire_put(out, 0, ROWS_COPY_BYTES);
	wire_put(out, (uint64_t)rollup_day(row->at_ms), 2);
	wire_put(out, (uint64_t)(row->at_ms / HOUR_MS), 4);
	wire_put(out, (uint64_t)row->at_ms, 8);
	wire_put_text(out, row->agent);
	buf_append(out, origin->report, sizeof(origin->report));
	wire_put(out, origin->n, 4);
	put_source(out, row);
	put_result(out, row);
}

/* --- reading --- */

/* The value of a code; -1, with `wrong` set, for one that is none. */
static int take_code(struct wire *wire, enum code_kind kind, bool *wrong)
{
	int value = code_value(kind, (uint8_t)wire_take(wire, 1));

	*wrong |= value < 0;
	return value;
}

static void take_address(struct wire *wire, struct addr *address)
{
	const uint8_t *bytes;
	size_t length = wire_take_bytes(wire, &bytes);

	if (length != 4 && length != 16)
		return;
	address->family = length == 4 ? 4 : 6;
	memcpy(address->bytes, bytes, length);
}

static void take_source(struct wire *wire, struct measurement *row)
{
	wire_take_text(wire, row->run_by, sizeof(row->run_by));
	row->asn = (uint32_t)wire_take(wire, 4);
	wire_take_text(wire, row->network, sizeof(row->network));
	wire_take_text(wire, row->country, sizeof(row->country));
	wire_take_text(wire, row->prefix, sizeof(row->prefix));
	row->family = (uint8_t)wire_take(wire, 1);
	wire_take_text(wire, row->endpoint, sizeof(row->endpoint));
	take_address(wire, &row->address);
	row->port = (uint16_t)wire_take(wire, 2);
}

static bool take_result(struct wire *wire, struct measurement *row)
{
	bool wrong = false;

	row->mode = (enum port_mode)take_code(wire, CODE_MODE, &wrong);
	row->ended = (enum stage)take_code(wire, CODE_STAGE, &wrong);
	row->failure = (enum failure)take_code(wire, CODE_FAILURE, &wrong);
	row->outcome = (enum outcome)take_code(wire, CODE_OUTCOME, &wrong);
	row->mechanism = (enum mechanism)take_code(
	    wire, CODE_MECHANISM, &wrong);
	row->where = (enum where)take_code(wire, CODE_WHERE, &wrong);
	row->after_hop = (int)wire_take_signed(wire, 4);
	row->before_hop = (int)wire_take_signed(wire, 4);
	row->endpoint_hops = (int)wire_take_signed(wire, 4);
	row->after_asn = (uint32_t)wire_take(wire, 4);
	row->before_asn = (uint32_t)wire_take(wire, 4);
	row->signs = (unsigned)wire_take(wire, 4);
	row->icmp_type = (int)wire_take_signed(wire, 4);
	row->icmp_code = (int)wire_take_signed(wire, 4);
	row->smtp_code = (int)wire_take_signed(wire, 4);
	wire_take_text(wire, row->tls_version, sizeof(row->tls_version));
	row->tls_verify = (enum tls_verify)take_code(wire, CODE_VERIFY, &wrong);
	row->connect_us = wire_take_signed(wire, 8);
	row->total_us = wire_take_signed(wire, 8);
	row->attributed = wire_take(wire, 1) != 0;
	row->listed = wire_take(wire, 1) != 0;
	return !wrong;
}

bool rows_take_measurement(
    struct wire *wire, struct measurement *row, struct rows_origin *origin)
{
	char report[37];
	bool is_right;

	memset(row, 0, sizeof(*row));
	row->at_ms = wire_take_signed(wire, 8);
	wire_take_text(wire, row->agent, sizeof(row->agent));
	wire_take_fixed(wire, origin->report, sizeof(origin->report));
	origin->n = (uint32_t)wire_take(wire, 4);
	take_source(wire, row);
	is_right = take_result(wire, row);
	if (wire->ran_out)
		return false;
	if (origin->n > ROW_NUMBER_MAX)
		return false;
	row_uuid_print(origin->report, report);
	row_id_make(row->id, report, origin->n);
	return is_right;
}

bool rows_take_rollup(struct wire *wire, struct rollup_row *row)
{
	bool wrong = false;

	memset(row, 0, sizeof(*row));
	row->day = (int32_t)wire_take(wire, 2);
	row->asn = (uint32_t)wire_take(wire, 4);
	row->family = (uint8_t)wire_take(wire, 1);
	row->port = (uint16_t)wire_take(wire, 2);
	wire_take_text(wire, row->prefix, sizeof(row->prefix));
	wire_take_text(wire, row->agent, sizeof(row->agent));
	wire_take_text(wire, row->endpoint, sizeof(row->endpoint));
	row->outcome = (enum outcome)take_code(wire, CODE_OUTCOME, &wrong);
	row->mechanism = (enum mechanism)take_code(
	    wire, CODE_MECHANISM, &wrong);
	row->where = (enum where)take_code(wire, CODE_WHERE, &wrong);
	row->after_asn = (uint32_t)wire_take(wire, 4);
	row->before_asn = (uint32_t)wire_take(wire, 4);
	row->count = wire_take_signed(wire, 8);
	row->first_ms = wire_take_signed(wire, 8);
	row->last_ms = wire_take_signed(wire, 8);
	return !wrong && row->count >= 0 && row->first_ms <= row->last_ms;
}
