/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_probe.h"

#include <errno.h>
#include <string.h>

#include "collector/store/clickhouse/clickhouse_query.h"

static int know_setting(void *arg, struct wire *wire)
{
	struct clickhouse *handle = arg;
	char name[64];
	int i;

	wire_take_text(wire, name, sizeof(name));
	for (i = 0; !wire->ran_out && i < SETTING_COUNT; i++)
		if (strcmp(name, clickhouse_setting_names[i]) == 0)
			handle->knows[i] = true;
	return 0;
}

int clickhouse_probe(struct clickhouse *handle, struct err *err)
{
	struct buf sql = {0};
	struct clickhouse_select select = {.row = know_setting, .arg = handle};
	int i, error;

	if (handle->is_probed)
		return 0;
	memset(handle->knows, 0, sizeof(handle->knows));
	buf_append_text(
	    &sql, "SELECT name FROM system.settings WHERE name IN (");
	for (i = 0; i < SETTING_COUNT; i++)
		buf_printf(&sql, "%s'%s'", i > 0 ? ", " : "",
		    clickhouse_setting_names[i]);
	buf_append_text(&sql, ")");
	select.sql = sql.data;
	error = sql.failed ? err_system(err, -ENOMEM, "a statement")
			   : clickhouse_select(handle, &select, err);
	handle->is_probed = error == 0;
	buf_free(&sql);
	return error;
}
