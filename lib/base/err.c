/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_input(struct err *err, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -EINVAL;
}

int err_system(struct err *err, int negative_errno, const char *format, ...)
{
	char what[400];
	va_list args;

	if (err == NULL)
		return negative_errno;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(err->text, sizeof(err->text), "%s: %s", what,
	    strerror(-negative_errno));
	return negative_errno;
}

void err_prefix(struct err *err, const char *format, ...)
{
	char place[400];
	char rest[sizeof(err->text)];
	va_list args;

	if (err == NULL)
		return;
	va_start(args, format);
	vsnprintf(place, sizeof(place), format, args);
	va_end(args);
	memcpy(rest, err->text, sizeof(rest));
	snprintf(err->text, sizeof(err->text), "%s: %s", place, rest);
}
