/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/geo.h"

#include <errno.h>
#include <maxminddb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/log.h"

/* One file: what is open of it, and by what it is known to be the same. */
struct geo_file {
	char path[256]; /* "": none is configured */
	MMDB_s db;
	bool is_open;
	struct stat seen;
};

struct geo {
	pthread_rwlock_t lock;
	struct geo_file asn, country;
};

/* --- reading records, whoever built them --- */

#define PATH_MAX_KEYS 3

/* Where builders put a value, the first that is there counts: MaxMind's and
 * DB-IP's names, then those of iptoasn builds. */
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

static bool get_text(const MMDB_entry_data_s *data, char *out, size_t size)
{
	if (data->type != MMDB_DATA_TYPE_UTF8_STRING || data->data_size == 0)
		return false;
	snprintf(out, size, "%.*s", (int)data->data_size, data->utf8_string);
	return true;
}

/* A number, or a text like "64500" or "AS64500". */
static bool get_number(const MMDB_entry_data_s *data, uint32_t *out)
{
	char text[16], *digits = text, *end;
	unsigned long value;

	switch (data->type) {
	case MMDB_DATA_TYPE_UINT16:
		*out = data->uint16;
		return true;
	case MMDB_DATA_TYPE_UINT32:
		*out = data->uint32;
		return true;
	case MMDB_DATA_TYPE_INT32:
		*out = (uint32_t)data->int32;
		return data->int32 > 0;
	case MMDB_DATA_TYPE_UINT64:
		*out = (uint32_t)data->uint64;
		return data->uint64 <= UINT32_MAX;
	default:
		break;
	}
	if (!get_text(data, text, sizeof(text)))
		return false;
	if (strncmp(text, "AS", 2) == 0)
		digits += 2;
	value = strtoul(digits, &end, 10);
	*out = (uint32_t)value;
	return end != digits && *end == '\0' && value <= UINT32_MAX;
}

#define TRIES(paths) (sizeof(paths) / sizeof(*(paths)))

static void read_asn(MMDB_entry_s *entry, struct geo_found *found)
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

static void read_country(MMDB_entry_s *entry, struct geo_found *found)
{
	MMDB_entry_data_s data;
	char text[8];
	size_t i;

	for (i = 0; i < TRIES(country_paths); i++)
		if (get_value(entry, country_paths[i], &data) &&
		    get_text(&data, text, sizeof(text)) && strlen(text) == 2) {
			memcpy(found->country, text, 3);
			break;
		}
}

static bool find_entry(
    const struct geo_file *file, const struct addr *addr, MMDB_entry_s *entry)
{
	struct sockaddr_storage storage;
	MMDB_lookup_result_s result;
	int error = MMDB_SUCCESS;

	if (!file->is_open || addr->family == 0)
		return false;
	addr_to_sockaddr(addr, 0, &storage);
	result = MMDB_lookup_sockaddr(
	    &file->db, (struct sockaddr *)&storage, &error);
	*entry = result.entry;
	return error == MMDB_SUCCESS && result.found_entry;
}

void geo_lookup(
    struct geo *geo, const struct addr *addr, struct geo_found *found)
{
	MMDB_entry_s entry;

	memset(found, 0, sizeof(*found));
	pthread_rwlock_rdlock(&geo->lock);
	if (find_entry(&geo->asn, addr, &entry))
		read_asn(&entry, found);
	if (find_entry(&geo->country, addr, &entry))
		read_country(&entry, found);
	pthread_rwlock_unlock(&geo->lock);
}

/* --- files --- */

/* Open into `file`, which keeps what it had unless all is well. */
static int open_file(struct geo_file *file, struct err *err)
{
	struct stat now;
	MMDB_s fresh;
	int status;

	if (stat(file->path, &now) < 0)
		return err_input(err, "%s: %s", file->path, strerror(errno));
	status = MMDB_open(file->path, MMDB_MODE_MMAP, &fresh);
	if (status != MMDB_SUCCESS)
		return err_input(err, "%s: not a MaxMind DB file: %s",
		    file->path, MMDB_strerror(status));
	if (file->is_open)
		MMDB_close(&file->db);
	file->db = fresh;
	file->is_open = true;
	file->seen = now;
	return 0;
}

static bool is_changed(const struct geo_file *file)
{
	struct stat now;

	return file->path[0] != '\0' && stat(file->path, &now) == 0 &&
	       (now.st_mtim.tv_sec != file->seen.st_mtim.tv_sec ||
		   now.st_mtim.tv_nsec != file->seen.st_mtim.tv_nsec ||
		   now.st_size != file->seen.st_size ||
		   now.st_ino != file->seen.st_ino);
}

static void refresh_file(struct geo *geo, struct geo_file *file)
{
	struct err err;
	int error;

	if (!is_changed(file))
		return;
	pthread_rwlock_wrlock(&geo->lock);
	error = open_file(file, &err);
	pthread_rwlock_unlock(&geo->lock);
	if (error == 0) {
		log_info("%s: taken up anew", file->path);
		return;
	}
	log_warn("%s; the old one stays in use", err.text);
	stat(file->path, &file->seen); /* said once a change */
}

void geo_refresh(struct geo *geo)
{
	refresh_file(geo, &geo->asn);
	refresh_file(geo, &geo->country);
}

static int open_first(struct geo_file *file, const char *path, struct err *err)
{
	snprintf(file->path, sizeof(file->path), "%s", path);
	return path[0] != '\0' ? open_file(file, err) : 0;
}

int geo_open(const char *asn_path, const char *country_path, struct geo **out,
    struct err *err)
{
	struct geo *geo = calloc(1, sizeof(*geo));
	int error;

	if (geo == NULL)
		return err_system(err, -ENOMEM, "geo data");
	pthread_rwlock_init(&geo->lock, NULL);
	error = open_first(&geo->asn, asn_path, err);
	if (error == 0)
		error = open_first(&geo->country, country_path, err);
	if (error < 0) {
		geo_close(geo);
		return error;
	}
	*out = geo;
	return 0;
}

void geo_close(struct geo *geo)
{
	if (geo == NULL)
		return;
	if (geo->asn.is_open)
		MMDB_close(&geo->asn.db);
	if (geo->country.is_open)
		MMDB_close(&geo->country.db);
	pthread_rwlock_destroy(&geo->lock);
	free(geo);
}
