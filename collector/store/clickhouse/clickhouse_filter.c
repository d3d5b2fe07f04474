/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_filter.h"

#include <inttypes.h>
#include <string.h>

#include "collector/record/codes.h"
#include "lib/base/day.h"

void filter_print_bytes(struct buf *sql, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	size_t i;

	buf_append_text(sql, "unhex('");
	for (i = 0; i < length; i++)
		buf_printf(sql, "%02x", at[i]);
	buf_append_text(sql, "')");
}

unsigned filter_day(int64_t at_ms)
{
	int64_t day = at_ms / DAY_MS;

	return day < 0 ? 0 : day > UINT16_MAX ? UINT16_MAX : (unsigned)day;
}

int64_t filter_partition(int32_t day)
{
	/* From days to a civil date, by eras of 400 years. */
	int64_t z = (int64_t)day + 719468, era = z / 146097, doe, yoe, doy, mp;

	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	return (yoe + era * 400 + (mp >= 10)) * 10000 +
	       (mp < 10 ? mp + 3 : mp - 9) * 100 + doy - (153 * mp + 2) / 5 + 1;
}

void filter_print(struct buf *sql, const struct row_filter *filter)
{
	if (filter->has_asn)
		buf_printf(sql, " AND asn = %u", filter->asn);
	if (filter->country[0] != '\0') {
		buf_append_text(sql, " AND country = ");
		filter_print_bytes(
		    sql, filter->country, strlen(filter->country));
	}
	if (filter->family != 0)
		buf_printf(sql, " AND family = %u", filter->family);
	if (filter->port != 0)
		buf_printf(sql, " AND port = %u", filter->port);
	if (filter->outcome >= 0)
		buf_printf(sql, " AND outcome = %u",
		    code_of(CODE_OUTCOME, filter->outcome));
	if (filter->since_ms > 0)
		buf_printf(sql,
		    " AND hour >= %" PRId64 " AND at_ms >= %" PRId64,
		    filter->since_ms / HOUR_MS, filter->since_ms);
	if (filter->until_ms > 0)
		buf_printf(sql, " AND hour <= %" PRId64 " AND at_ms < %" PRId64,
		    filter->until_ms / HOUR_MS, filter->until_ms);
}

void filter_print_country_of_asn(struct buf *sql, const char *country)
{
	if (country[0] == '\0')
		return;
	buf_append_text(sql,
	    " AND asn GLOBAL IN (SELECT asn FROM (SELECT asn, country FROM"
	    " (SELECT asn, day, country, network, sum(counted) AS times"
	    " FROM @D.vantage FINAL WHERE counted > 0 GROUP BY asn, day,"
	    " country, network) ORDER BY asn, day DESC, times DESC, network,"
	    " country LIMIT 1 BY asn) WHERE country = ");
	filter_print_bytes(sql, country, strlen(country));
	buf_append_text(sql, ")");
}
