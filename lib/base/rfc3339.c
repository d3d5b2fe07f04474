/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/rfc3339.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400

/* Days from 1970-01-01 in the proleptic Gregorian calendar, by counting
 * years that begin in March, so that the leap day is the last day of one. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t era, day_of_era, year_of_era, day_of_year, shifted;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			  day_of_era / 146096) /
		      365;
	day_of_year = day_of_era -
		      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

/* snprintf() would take most of the time that an export takes. */
static char *put_digits(char *at, int64_t value, int width)
{
	int i;

	for (i = width; i > 0; i--) {
		at[i - 1] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + width;
}

static char *put_field(char *at, int64_t value, int width, char behind)
{
	at = put_digits(at, value, width);
	*at = behind;
	return at + 1;
}

char *rfc3339_format(int64_t wall_ms, char text[RFC3339_SIZE])
{
	static const int64_t least = -62135596800000, most = 253402300799999;
	int64_t days, in_day;
	int year, month, day;
	char *at = text;

	if (wall_ms < least)
		wall_ms = least;
	if (wall_ms > most)
		wall_ms = most;
	days = wall_ms / (DAY_S * 1000);
	in_day = wall_ms % (DAY_S * 1000);
	if (in_day < 0) {
		in_day += DAY_S * 1000;
		days--;
	}
	civil_from_days(days, &year, &month, &day);
	at = put_field(at, year, 4, '-');
	at = put_field(at, month, 2, '-');
	at = put_field(at, day, 2, 'T');
	at = put_field(at, in_day / 3600000, 2, ':');
	at = put_field(at, in_day / 60000 % 60, 2, ':');
	at = put_field(at, in_day / 1000 % 60, 2, '.');
	at = put_field(at, in_day % 1000, 3, 'Z');
	*at = '\0';
	return text;
}

/* Read exactly `width` digits at `*at` and step over them, or return -1. */
static int take_digits(const char **at, int width)
{
	int value = 0;

	for (; width > 0; width--, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool take_char(const char **at, const char *choices)
{
	if (**at == '\0' || strchr(choices, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(const char **at, int64_t *wall_ms)
{
	int year, month, day;

	year = take_digits(at, 4);
	if (year < 1 || !take_char(at, "-"))
		return false;
	month = take_digits(at, 2);
	if (month < 1 || month > 12 || !take_char(at, "-"))
		return false;
	day = take_digits(at, 2);
	if (day < 1 || day > days_in_month(year, month))
		return false;
	*wall_ms = days_from_civil(year, month, day) * DAY_S * 1000;
	return true;
}

static bool take_decimals(const char **at, int64_t *wall_ms)
{
	int64_t unit = 100;

	if (!take_char(at, "."))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
		*wall_ms += (**at - '0') * unit;
	return true;
}

static bool take_clock(const char **at, int64_t *wall_ms)
{
	int hour, minute, second;

	hour = take_digits(at, 2);
	if (hour < 0 || hour > 23 || !take_char(at, ":"))
		return false;
	minute = take_digits(at, 2);
	if (minute < 0 || minute > 59 || !take_char(at, ":"))
		return false;
	second = take_digits(at, 2);
	if (second < 0 || second > 60)
		return false;
	*wall_ms += ((hour * 60 + minute) * 60 + second) * (int64_t)1000;
	return take_decimals(at, wall_ms);
}

static bool take_offset(const char **at, int64_t *wall_ms)
{
	int sign, hours, minutes;

	if (take_char(at, "Zz"))
		return true;
	sign = **at == '-' ? -1 : 1;
	if (!take_char(at, "+-"))
		return false;
	hours = take_digits(at, 2);
	if (hours < 0 || hours > 23 || !take_char(at, ":"))
		return false;
	minutes = take_digits(at, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*wall_ms -= sign * (hours * 60 + minutes) * (int64_t)60000;
	return true;
}

bool rfc3339_parse(const char *text, int64_t *wall_ms)
{
	if (!take_date(&text, wall_ms))
		return false;
	if (*text == '\0')
		return true;
	if (!take_char(&text, "Tt "))
		return false;
	if (!take_clock(&text, wall_ms) || !take_offset(&text, wall_ms))
		return false;
	return *text == '\0';
}
