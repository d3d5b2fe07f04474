/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/geo.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/intake/geo_announced.h"
#include "collector/intake/geo_record.h"
#include "lib/base/log.h"

/* One file, and what it looked like when it was loaded. */
struct geo_file {
	char path[256]; /* "": not configured */
	MMDB_s db;
	bool is_open;
	struct stat seen; /* the file that is in use */
	struct stat told; /* the file that was last logged as broken */
};

struct geo {
	pthread_rwlock_t lock;
	struct geo_file asn, country;
	struct geo_announced announced;
};

/* --- looking up --- */

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
		geo_record_asn(&entry, found);
	if (find_entry(&geo->country, addr, &entry))
		geo_record_country(&entry, found);
	pthread_rwlock_unlock(&geo->lock);
}

/* --- files --- */

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_size == b->st_size && a->st_ino == b->st_ino;
}

/* Copy the file to memory: if a mapped file is overwritten or truncated, SIGBUS
 * ends the process. Returns a descriptor, or -errno. `seen` is set if the bytes
 * could be read, whether or not they are a database. */
static int copy_to_memory(int file, struct stat *seen, struct err *err)
{
	struct stat before, after;
	ssize_t sent = 1;
	int copy, error = 0;

	if (fstat(file, &before) < 0 || !S_ISREG(before.st_mode))
		return err_input(err, "it is no regular file");
	copy = memfd_create("geo", MFD_CLOEXEC);
	if (copy < 0)
		return err_system(err, -errno, "memory for it");
	while (sent > 0)
		sent = sendfile(copy, file, NULL, 1 << 30);
	if (sent < 0)
		error = err_system(err, -errno, "reading it");
	else if (fstat(file, &after) < 0 || !is_same(&before, &after))
		error = err_input(err, "it is being written");
	else
		*seen = before;
	if (error < 0)
		close(copy);
	return error < 0 ? error : copy;
}

static int open_copy(int copy, MMDB_s *db, struct err *err)
{
	char path[64];
	int status;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy);
	status = MMDB_open(path, MMDB_MODE_MMAP, db);
	close(copy);
	if (status == MMDB_SUCCESS)
		return 0;
	return err_input(
	    err, "it is no MaxMind DB file: %s", MMDB_strerror(status));
}

/* Load the file that is at the path now. */
static int open_path(
    const char *path, MMDB_s *db, struct stat *seen, struct err *err)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error;

	if (file < 0)
		return err_input(err, "%s: %s", path, strerror(errno));
	error = copy_to_memory(file, seen, err);
	close(file);
	if (error >= 0)
		error = open_copy(error, db, err);
	if (error < 0)
		err_prefix(err, "%s", path);
	return error;
}

static int open_first(struct geo_file *file, const char *path, struct err *err)
{
	int error;

	snprintf(file->path, sizeof(file->path), "%s", path);
	if (path[0] == '\0')
		return 0;
	error = open_path(file->path, &file->db, &file->seen, err);
	file->is_open = error == 0;
	return error;
}

/* Returns true if another file is in use from now on. */
static bool refresh_file(struct geo *geo, struct geo_file *file)
{
	struct stat now;
	struct err err = {""};
	MMDB_s fresh, old;

	if (!file->is_open || stat(file->path, &now) < 0 ||
	    is_same(&now, &file->seen))
		return false;
	if (open_path(file->path, &fresh, &file->seen, &err) < 0) {
		if (!is_same(&now, &file->told))
			log_warn("%s; the old one stays in use", err.text);
		file->told = now;
		return false;
	}
	pthread_rwlock_wrlock(&geo->lock);
	old = file->db;
	file->db = fresh;
	pthread_rwlock_unlock(&geo->lock);
	MMDB_close(&old);
	log_info("%s: loaded again", file->path);
	return true;
}

/* From the thread that alone changes the files. */
static void count_announced(struct geo *geo)
{
	struct geo_announced counts;

	if (!geo->asn.is_open || !geo->country.is_open)
		return;
	if (geo_announced_count(&geo->asn.db, &geo->country.db, &counts) < 0)
		log_warn("networks by country are not counted: out of memory");
	pthread_rwlock_wrlock(&geo->lock);
	geo->announced = counts;
	pthread_rwlock_unlock(&geo->lock);
}

int64_t geo_networks_in(struct geo *geo, uint8_t family, const char country[3])
{
	int64_t count;

	pthread_rwlock_rdlock(&geo->lock);
	count = geo_announced_in(&geo->announced, family, country);
	pthread_rwlock_unlock(&geo->lock);
	return count;
}

void geo_refresh(struct geo *geo)
{
	bool changed = refresh_file(geo, &geo->asn);

	changed |= refresh_file(geo, &geo->country);
	if (changed)
		count_announced(geo);
}

static bool is_sound(const struct geo_file *file)
{
	struct stat now;

	if (!file->is_open)
		return true;
	return stat(file->path, &now) == 0 && !is_same(&now, &file->told);
}

bool geo_is_sound(const struct geo *geo)
{
	return is_sound(&geo->asn) && is_sound(&geo->country);
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
	count_announced(geo);
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
