/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/cell.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/report/words.h"

static const char *word_of(enum column_type type, int value)
{
	switch (type) {
	case COLUMN_MODE:
		return port_mode_word((enum port_mode)value);
	case COLUMN_STAGE:
		return stage_word((enum stage)value);
	case COLUMN_FAILURE:
		return failure_word((enum failure)value);
	case COLUMN_OUTCOME:
		return outcome_word((enum outcome)value);
	case COLUMN_MECHANISM:
		return mechanism_word((enum mechanism)value);
	case COLUMN_WHERE:
		return where_word((enum where)value);
	case COLUMN_VERIFY:
		return tls_verify_word((enum tls_verify)value);
	case COLUMN_STATE:
		return network_state_word((enum network_state)value);
	case COLUMN_REACH:
		return network_reach_word((enum network_reach)value);
	case COLUMN_LEVEL:
		return network_level_word((enum network_level)value);
	case COLUMN_STOP:
		return network_stop_word((enum network_stop)value);
	case COLUMN_KIND:
		return annotation_kind_word((enum annotation_kind)value);
	default:
		return "";
	}
}

static void put_text(struct cell *cell, const char *text)
{
	cell->kind = text[0] != '\0' ? CELL_TEXT : CELL_ABSENT;
	cell->text = text;
	if (text_is_plain(text))
		return;
	snprintf(cell->plain, sizeof(cell->plain), "%s", text);
	text_make_plain(cell->plain);
	cell->text = cell->plain;
}

/* The report's part of a row's id. */
static void put_report(struct cell *cell, const char *id)
{
	size_t length = strcspn(id, ":");

	cell->kind = length > 0 ? CELL_TEXT : CELL_ABSENT;
	if (length >= sizeof(cell->plain))
		length = sizeof(cell->plain) - 1;
	memcpy(cell->plain, id, length);
	cell->plain[length] = '\0';
	text_make_plain(cell->plain);
	cell->text = cell->plain;
}

static void put_signs(struct cell *cell, const char *field)
{
	unsigned signs, bit;

	memcpy(&signs, field, sizeof(signs));
	cell->plain[0] = '\0';
	for (bit = 0; bit < SOFT_SIGNS; bit++)
		if (signs >> bit & 1)
			snprintf(cell->plain + strlen(cell->plain),
			    sizeof(cell->plain) - strlen(cell->plain), "%s%s",
			    cell->plain[0] != '\0' ? " " : "",
			    soft_sign_word((enum soft_sign)(1 << bit)));
	cell->kind = cell->plain[0] != '\0' ? CELL_TEXT : CELL_ABSENT;
	cell->text = cell->plain;
}

static void put_integer(struct cell *cell, int64_t value, int64_t absent)
{
	cell->kind = value != absent ? CELL_INTEGER : CELL_ABSENT;
	cell->integer = value;
}

/* An integer field of any width, or an enum. */
static int64_t load_integer(const struct column *column, const char *field)
{
	uint32_t u32;
	int64_t i64;
	uint16_t u16;
	int i;

	switch (column->type) {
	case COLUMN_U8:
		return *(const uint8_t *)field;
	case COLUMN_U16:
		memcpy(&u16, field, sizeof(u16));
		return u16;
	case COLUMN_ASN:
	case COLUMN_U32:
		memcpy(&u32, field, sizeof(u32));
		return u32;
	case COLUMN_TIME:
	case COLUMN_SINCE:
	case COLUMN_INT64:
	case COLUMN_US:
		memcpy(&i64, field, sizeof(i64));
		return i64;
	default:
		memcpy(&i, field, sizeof(i));
		return i;
	}
}

static void put_double(struct cell *cell, const char *field)
{
	cell->kind = CELL_DECIMAL;
	cell->digits = 3;
	memcpy(&cell->decimal, field, sizeof(cell->decimal));
}

static void put_chance(struct cell *cell, const char *field)
{
	put_double(cell, field);
	cell->digits = 6;
	if (cell->decimal < 0)
		cell->kind = CELL_ABSENT;
}

void cell_load(const struct column *column, const void *row, struct cell *cell)
{
	const char *field = (const char *)row + column->offset;

	switch (column->type) {
	case COLUMN_VERSION:
		put_integer(cell, ROW_SCHEMA_VERSION, OBSERVE_ABSENT);
		break;
	case COLUMN_TEXT:
		put_text(cell, field);
		break;
	case COLUMN_TIME:
	case COLUMN_SINCE:
		cell->integer = load_integer(column, field);
		cell->kind = CELL_TIME;
		if (column->type == COLUMN_SINCE && cell->integer == 0)
			cell->kind = CELL_ABSENT;
		break;
	case COLUMN_ASN:
		put_integer(cell, load_integer(column, field), 0);
		break;
	case COLUMN_U8:
	case COLUMN_U16:
	case COLUMN_U32:
	case COLUMN_INT:
	case COLUMN_INT64:
		put_integer(cell, load_integer(column, field), OBSERVE_ABSENT);
		break;
	case COLUMN_US:
		put_integer(cell, load_integer(column, field), OBSERVE_ABSENT);
		if (cell->kind == CELL_INTEGER)
			cell->kind = CELL_DECIMAL;
		cell->decimal = (double)cell->integer / 1000;
		cell->digits = 3;
		break;
	case COLUMN_DOUBLE:
		put_double(cell, field);
		break;
	case COLUMN_CHANCE:
		put_chance(cell, field);
		break;
	case COLUMN_ADDRESS:
		put_text(
		    cell, addr_format((const struct addr *)(const void *)field,
			      cell->address));
		break;
	case COLUMN_REPORT:
		put_report(cell, field);
		break;
	case COLUMN_SIGNS:
		put_signs(cell, field);
		break;
	case COLUMN_BOOL:
	case COLUMN_LISTED:
		cell->kind = CELL_BOOL;
		cell->integer = *(const bool *)field;
		break;
	default:
		put_text(cell,
		    word_of(column->type, (int)load_integer(column, field)));
		break;
	}
}
