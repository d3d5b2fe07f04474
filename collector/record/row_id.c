/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/row_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base64.h"

#define UUID_LENGTH 36

/* By hand, because it is made for every probe. */
void row_id_make(char id[ROW_ID_SIZE], const char *report, uint32_t n)
{
	size_t length = strlen(report), digits = 1;
	uint32_t rest;

	for (rest = n; rest >= 10; rest /= 10)
		digits++;
	memcpy(id, report, length);
	id[length] = ':';
	id[length + digits + 1] = '\0';
	for (rest = n; digits > 0; digits--, rest /= 10)
		id[length + digits] = (char)('0' + rest % 10);
}

static bool read_number(const char *digits, uint32_t *n)
{
	unsigned long value;
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	value = strtoul(digits, &end, 10);
	*n = (uint32_t)value;
	return *end == '\0' && value <= ROW_NUMBER_MAX;
}

bool row_id_number(const char *id, const char *report, uint32_t *n)
{
	size_t length = strlen(report);

	return strncmp(id, report, length) == 0 && id[length] == ':' &&
	       read_number(id + length + 1, n);
}

/* The UUID's 32 digits without its dashes. */
static bool read_digits(const char *text, char digits[33])
{
	size_t i, n = 0;

	for (i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (text[i] == '\0' ||
		    (dash ? text[i] != '-'
			  : strchr("0123456789abcdef", text[i]) == NULL))
			return false;
		if (!dash)
			digits[n++] = text[i];
	}
	digits[n] = '\0';
	return true;
}

bool row_id_is_valid(const char *id)
{
	char digits[33];
	uint32_t n;

	return read_digits(id, digits) && strspn(digits, "0") < 32 &&
	       strspn(digits, "f") < 32 && id[UUID_LENGTH] == ':' &&
	       read_number(id + UUID_LENGTH + 1, &n);
}

bool row_uuid_pack(const char *text, uint8_t uuid[ROW_UUID_BYTES])
{
	char digits[33];

	return read_digits(text, digits) && text[UUID_LENGTH] == '\0' &&
	       hex_decode(digits, uuid, ROW_UUID_BYTES);
}

void row_uuid_print(const uint8_t uuid[ROW_UUID_BYTES], char text[37])
{
	char hex[33];

	hex_encode(uuid, ROW_UUID_BYTES, hex);
	snprintf(text, UUID_LENGTH + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}
