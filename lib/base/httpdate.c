/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/httpdate.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/day.h"
#include "lib/base/rfc3339.h"
#include "lib/base/values.h"

#define DAY_S 86400

/* The fields of a date, not checked yet. */
struct parts {
	int year, day;
	char month[4], clock[9];
};

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char *httpdate_format(int64_t wall_ms, char text[HTTPDATE_SIZE])
{
	/* 1970 began on a Thursday. */
	static const char days[] = "ThuFriSatSunMonTueWed";
	int64_t weekday = (day_number(wall_ms) % 7 + 7) % 7;
	char at[RFC3339_SIZE];
	int month;

	rfc3339_format(wall_ms, at);
	month = (at[5] - '0') * 10 + at[6] - '0';
	snprintf(text, HTTPDATE_SIZE, "%.3s, %.2s %.3s %.4s %.8s GMT",
	    days + weekday * 3, at + 8, months + (month - 1) * 3, at, at + 11);
	return text;
}

static int month_number(const char *name)
{
	const char *at = strlen(name) == 3 ? strstr(months, name) : NULL;

	return at != NULL && (at - months) % 3 == 0 ? (int)(at - months) / 3 + 1
						    : 0;
}

/* The three formats; each true if the whole of `text` has it. */
static bool take_fixdate(const char *text, struct parts *parts)
{
	int end = 0;

	return sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %8[0-9:] GMT%n",
		   &parts->day, parts->month, &parts->year, parts->clock,
		   &end) == 4 &&
	       end > 0 && text[end] == '\0';
}

static bool take_rfc850(const char *text, struct parts *parts)
{
	int end = 0;

	if (sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %8[0-9:] GMT%n",
		&parts->day, parts->month, &parts->year, parts->clock,
		&end) != 4 ||
	    end == 0 || text[end] != '\0')
		return false;
	parts->year += parts->year < 70 ? 2000 : 1900;
	return true;
}

static bool take_asctime(const char *text, struct parts *parts)
{
	int end = 0;

	return sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %8[0-9:] %4d%n",
		   parts->month, &parts->day, parts->clock, &parts->year,
		   &end) == 4 &&
	       end > 0 && text[end] == '\0';
}

bool httpdate_parse(const char *text, int64_t *wall_ms)
{
	struct parts parts = {0};
	char as_rfc3339[64];

	if (!take_fixdate(text, &parts) && !take_rfc850(text, &parts) &&
	    !take_asctime(text, &parts))
		return false;
	snprintf(as_rfc3339, sizeof(as_rfc3339), "%04d-%02d-%02dT%sZ",
	    parts.year, month_number(parts.month), parts.day, parts.clock);
	return rfc3339_parse(as_rfc3339, wall_ms);
}

int httpdate_retry_after_s(const char *text, int64_t now_ms)
{
	int64_t at_ms, s;

	if (values_parse_count(text, 0, INT32_MAX, &s, NULL) < 0) {
		if (!httpdate_parse(text, &at_ms) || at_ms <= now_ms)
			return 0;
		s = (at_ms - now_ms + 999) / 1000;
	}
	return (int)(s < DAY_S ? s : DAY_S);
}
