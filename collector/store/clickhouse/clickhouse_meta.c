/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_meta.h"

#include <string.h>

static const char *const names[META_COUNT] = {
    [META_SCHEMA] = "schema",
    [META_EXPIRED_MS] = "expired_ms",
    [META_CLOCK_MS] = "clock_ms",
    [META_CLOSED_DAY] = "closed_day",
    [META_ROLLUP_MS] = "rollup_ms",
    [META_GENERATION] = "generation",
};

static int take_value(void *arg, struct wire *wire)
{
	struct clickhouse_meta *meta = arg;
	char name[32];
	int64_t value;
	int i;

	wire_take_text(wire, name, sizeof(name));
	value = wire_take_signed(wire, 8);
	for (i = 0; !wire->ran_out && i < META_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			meta->values[i] = value;
			meta->has[i] = true;
		}
	return 0;
}

static int read_meta(struct clickhouse *handle, bool newest,
    struct clickhouse_meta *meta, struct err *err)
{
	const struct clickhouse_select select = {
	    .sql = "SELECT name, max(value) FROM @D.meta GROUP BY name",
	    .row = take_value,
	    .arg = meta,
	    .is_sequential = newest,
	};

	memset(meta, 0, sizeof(*meta));
	return clickhouse_select(handle, &select, err);
}

int clickhouse_meta_read(
    struct clickhouse *handle, struct clickhouse_meta *meta, struct err *err)
{
	return read_meta(handle, false, meta, err);
}

int clickhouse_meta_read_newest(
    struct clickhouse *handle, struct clickhouse_meta *meta, struct err *err)
{
	return read_meta(handle, true, meta, err);
}

int clickhouse_meta_write(struct clickhouse *handle, enum meta_name name,
    int64_t value, struct err *err)
{
	struct buf row = {0};
	const struct clickhouse_insert insert = {
	    .into = "@D.meta (name, value)", .rows = &row};
	int error;

	wire_put_text(&row, names[name]);
	wire_put(&row, (uint64_t)value, 8);
	error = clickhouse_insert(handle, &insert, err);
	buf_free(&row);
	return error;
}
