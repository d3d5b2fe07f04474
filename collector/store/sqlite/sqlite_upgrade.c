/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/sqlite/sqlite_upgrade.h"

#include <errno.h>
#include <string.h>

#include "collector/record/bytes.h"
#include "collector/record/rollup.h"
#include "collector/store/sqlite/sqlite_rollup.h"

/* Read an entry of a packed run: the length of its endpoint's name plus 1 and
 * the name, or 0 if it is that of the entry before; three codes; the count; the
 * first time in the day, and how much later the last was. */
static bool take_entry(struct bytes *bytes, struct rollup_row *row)
{
	uint64_t length = bytes_take(bytes);
	const uint8_t *name, *codes;

	if (length > sizeof(row->endpoint))
		return false;
	if (length > 0) {
		name = bytes_take_span(bytes, (size_t)length - 1);
		if (name == NULL)
			return false;
		memcpy(row->endpoint, name, (size_t)length - 1);
		row->endpoint[length - 1] = '\0';
	}
	codes = bytes_take_span(bytes, 3);
	if (codes == NULL ||
	    !rollup_set_codes(row, codes[0] << 16 | codes[1] << 8 | codes[2]))
		return false;
	row->count = (int64_t)bytes_take(bytes);
	row->first_ms = rollup_day_ms(row->day) + (int64_t)bytes_take(bytes);
	row->last_ms = row->first_ms + (int64_t)bytes_take(bytes);
	return !bytes->bad;
}

static int unpack(struct sqlite_store *sqlite, sqlite3_stmt *statement,
    struct rollup_row *row, struct err *err)
{
	struct bytes bytes = {.at = sqlite3_column_blob(statement, 6)};
	int error = 0;

	bytes.end = bytes.at + sqlite3_column_bytes(statement, 6);
	while (error == 0 && bytes.at != bytes.end) {
		if (!take_entry(&bytes, row))
			return sqlite_damaged(sqlite, -EBADMSG, err);
		error = sqlite_add_rollup(sqlite, row, err);
	}
	return error;
}

static void read_key(sqlite3_stmt *statement, struct rollup_row *row)
{
	memset(row, 0, sizeof(*row));
	row->asn = (uint32_t)sqlite3_column_int64(statement, 0);
	row->family = (uint8_t)sqlite3_column_int(statement, 1);
	row->port = (uint16_t)sqlite3_column_int(statement, 2);
	row->day = sqlite3_column_int(statement, 3);
	sqlite_column_text(statement, 4, row->prefix, sizeof(row->prefix));
	sqlite_column_text(statement, 5, row->agent, sizeof(row->agent));
}

int sqlite_unpack_rollups(struct sqlite_store *sqlite, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	struct rollup_row row;
	int status = SQLITE_ROW, error = 0;

	if (sqlite3_prepare_v2(sqlite->db,
		"SELECT asn, family, port, day, prefix, agent, entries"
		" FROM packed_rollup",
		-1, &statement, NULL) != SQLITE_OK)
		return sqlite_error(sqlite, NULL, err);
	while (error == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		read_key(statement, &row);
		error = unpack(sqlite, statement, &row, err);
	}
	if (error == 0 && status != SQLITE_DONE)
		error = sqlite_error(sqlite, NULL, err);
	sqlite3_finalize(statement);
	if (error == 0)
		error = sqlite_execute(sqlite, "DROP TABLE packed_rollup", err);
	return error;
}
