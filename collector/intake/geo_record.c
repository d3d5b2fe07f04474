/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/geo_record.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_KEYS 3

/* The names that builders use, of which the first that exists counts: MaxMind's
 * and DB-IP's, then those of iptoasn builds. */
static const char *const asn_paths[][PATH_MAX_KEYS] = {
    {"autonomous_system_number", NULL},
    {"as_number", NULL},
    {"asn", NULL},
    {"as", NULL},
};

static const char *const network_paths[][PATH_MAX_KEYS] = {
    {"autonomous_system_organization", NULL},
    {"as_organization", NULL},
    {"organization", NULL},
    {"as_org", NULL},
    {"org", NULL},
    {"as_name", NULL},
    {"name", NULL},
    {"description", NULL},
};

static const char *const country_paths[][PATH_MAX_KEYS] = {
    {"country", "iso_code", NULL},
    {"registered_country", "iso_code", NULL},
    {"country_code", NULL},
    {"country", NULL},
};

static bool get_value(MMDB_entry_s *entry,
    const char *const path[PATH_MAX_KEYS], MMDB_entry_data_s *data)
{
	return MMDB_aget_value(entry, data, path) == MMDB_SUCCESS &&
	       data->has_data;
}

/* Text that is too long is cut, but not within a UTF-8 character. */
static bool get_text(const MMDB_entry_data_s *data, char *out, size_t size)
{
	size_t length = data->data_size;

	if (data->type != MMDB_DATA_TYPE_UTF8_STRING || length == 0)
		return false;
	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)data->utf8_string[length] &
					 0xc0) == 0x80)
			length--;
	}
	memcpy(out, data->utf8_string, length);
	out[length] = '\0';
	return true;
}

/* A text like "64500" or "AS64500". */
static bool read_number(const char *text, uint64_t *value)
{
	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	*value = strtoull(text, NULL, 10);
	return true;
}

static bool get_number(const MMDB_entry_data_s *data, uint32_t *out)
{
	uint64_t value = 0;
	char text[16];

	switch (data->type) {
	case MMDB_DATA_TYPE_UINT16:
		value = data->uint16;
		break;
	case MMDB_DATA_TYPE_UINT32:
		value = data->uint32;
		break;
	case MMDB_DATA_TYPE_INT32:
		value = data->int32 > 0 ? (uint64_t)data->int32 : 0;
		break;
	case MMDB_DATA_TYPE_UINT64:
		value = data->uint64;
		break;
	default:
		if (!get_text(data, text, sizeof(text)) ||
		    !read_number(text, &value))
			return false;
	}
	if (value == 0 || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

#define TRIES(paths) (sizeof(paths) / sizeof(*(paths)))

void geo_record_asn(MMDB_entry_s *entry, struct geo_found *found)
{
	MMDB_entry_data_s data;
	size_t i;

	for (i = 0; i < TRIES(asn_paths); i++)
		if (get_value(entry, asn_paths[i], &data) &&
		    get_number(&data, &found->asn))
			break;
	for (i = 0; i < TRIES(network_paths); i++)
		if (get_value(entry, network_paths[i], &data) &&
		    get_text(&data, found->network, sizeof(found->network)))
			break;
}

static bool get_country(const MMDB_entry_data_s *data, char country[3])
{
	char text[8];

	if (!get_text(data, text, sizeof(text)) || strlen(text) != 2 ||
	    !isalpha((unsigned char)text[0]) ||
	    !isalpha((unsigned char)text[1]))
		return false;
	country[0] = (char)toupper((unsigned char)text[0]);
	country[1] = (char)toupper((unsigned char)text[1]);
	return true;
}

void geo_record_country(MMDB_entry_s *entry, struct geo_found *found)
{
	MMDB_entry_data_s data;
	size_t i;

	for (i = 0; i < TRIES(country_paths); i++)
		if (get_value(entry, country_paths[i], &data) &&
		    get_country(&data, found->country))
			break;
}
