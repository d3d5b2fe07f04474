/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/geo.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tests/support/rows.h"

/* GEO_FOLDER has the files of tests/geo/flavours.pl. */
static char *made(const char *name, char path[512])
{
	path[0] = '\0';
	if (name != NULL)
		snprintf(path, 512, "%s/%s.mmdb", GEO_FOLDER, name);
	return path;
}

static struct geo *open_good(const char *asn, const char *country)
{
	struct geo *geo = NULL;
	struct err err;

	if (geo_open(asn, country, &geo, &err) != 0)
		fail_msg("%s", err.text);
	return geo;
}

static struct geo_found look_up(struct geo *geo, const char *address)
{
	struct geo_found found;
	struct addr addr;

	assert_true(addr_parse(&addr, address));
	memset(&found, 0x55, sizeof(found));
	geo_lookup(geo, &addr, &found);
	return found;
}

/* --- how many there are --- */

static const struct count_row {
	const char *name, *asn_file, *country_file, *country;
	uint8_t family;
	int64_t count;
} count_rows[] = {
    {"an AS counts once in a country, however many prefixes it has",
	"spread-asn", "spread-country", "DE", 4, 2},
    {"and in each country where it has one", "spread-asn", "spread-country",
	"NL", 4, 1},
    {"families are counted apart", "spread-asn", "spread-country", "JP", 6, 1},
    {"a prefix that lies in two countries counts in both", "spread-asn",
	"spread-country", "DE", 6, 1},
    {"6to4 and Teredo are no networks of IPv6", "spread-asn", "spread-country",
	"FR", 6, 0},
    {"a country that has none", "spread-asn", "spread-country", "SE", 4, 0},
    {"without countries nothing is known", "spread-asn", NULL, "DE", 4, -1},
    {"nor without networks", NULL, "spread-country", "DE", 4, -1},
    {"a file of IPv4 alone has none of IPv6", "v4-only", "country", "JP", 6, 0},
    {"and its own of IPv4", "v4-only", "country", "DE", 4, 1},
    {"what is no country is not known", "spread-asn", "spread-country", "d1", 4,
	-1},
};

static void count(void **state)
{
	const struct count_row *row = *state;
	char asn[512], country[512];
	struct geo *geo = open_good(
	    made(row->asn_file, asn), made(row->country_file, country));

	assert_int_equal(
	    geo_networks_in(geo, row->family, row->country), row->count);
	geo_close(geo);
}

/* --- what builders write --- */

static const struct row {
	const char *name, *asn_file, *country_file, *address;
	uint32_t asn;
	const char *network, *country;
} rows[] = {
    {"GeoLite2-ASN", "geolite2-asn", NULL, "192.0.2.25", 64496, "EXAMPLE-NET",
	""},
    {"a number over 31 bits", "geolite2-asn", NULL, "2001:db8::25", 4294967294u,
	NULL, ""},
    {"a number without a name", "geolite2-asn", NULL, "198.51.100.1", 64497, "",
	""},
    {"an address of nobody", "geolite2-asn", "country", "203.0.114.1", 0, "",
	""},
    {"a mapped address is its IPv4 address", "geolite2-asn", "country",
	"::ffff:192.0.2.25", 64496, "EXAMPLE-NET", "DE"},
    {"IPv6 in a database of IPv4", "v4-only", NULL, "2001:db8::25", 0, "", ""},
    {"IPv4 in a database of IPv4", "v4-only", NULL, "192.0.2.25", 64496,
	"EXAMPLE-NET", ""},
    {"as_number and organization", "as-number", NULL, "192.0.2.25", 64498, "o",
	""},
    {"asn and name", "asn-uint", NULL, "192.0.2.25", 64499, "n", ""},
    {"asn as \"AS64500\", a country in lower case at the top", "asn-text",
	"asn-text", "192.0.2.1", 64500, "n", "DE"},
    {"asn as \"64501\", a country's name is no code", "asn-text", "asn-text",
	"192.0.2.129", 64501, "", ""},
    {"an asn of 33 bits, a code of digits", "asn-text", "asn-text",
	"198.51.100.1", 0, "", ""},
    {"an asn without digits, an empty code", "asn-text", "asn-text",
	"198.51.100.129", 0, "", ""},
    {"an asn below 0, a code with a digit", "asn-text", "asn-text",
	"203.0.113.1", 0, "", ""},
    {"an asn with a tail", "asn-text", "asn-text", "203.0.113.129", 0, "", ""},
    {"asn of 64 bits, a country that is a number", "asn-other", "asn-other",
	"192.0.2.1", 64502, "", ""},
    {"asn of 64 bits and too great, with org", "asn-other", "asn-other",
	"192.0.2.129", 0, "o", ""},
    {"an asn that is a map", "asn-map", NULL, "192.0.2.1", 0, "", ""},
    {"country.iso_code", NULL, "country", "192.0.2.1", 0, "", "DE"},
    {"registered_country where there is no country", NULL, "country",
	"2001:db8::1", 0, "", "JP"},
    {"country before registered_country", NULL, "country", "198.51.100.1", 0,
	"", "NL"},
    {"a continent is no country", NULL, "country", "203.0.113.1", 0, "", ""},
    {"country_code", NULL, "country-code", "192.0.2.1", 0, "", "FR"},
    {"no files, no answer", NULL, NULL, "192.0.2.1", 0, "", ""},
};

static void found_row(void **state)
{
	const struct row *row = *state;
	char asn[512], country[512];
	struct geo *geo = open_good(
	    made(row->asn_file, asn), made(row->country_file, country));
	struct geo_found found = look_up(geo, row->address);

	geo_close(geo);
	assert_int_equal(found.asn, row->asn);
	if (row->network != NULL)
		assert_string_equal(found.network, row->network);
	assert_string_equal(found.country, row->country);
}

static void long_name(void **state)
{
	char path[512];
	struct geo *geo = open_good(made("geolite2-asn", path), "");
	struct geo_found found = look_up(geo, "2001:db8::1");
	size_t length = strlen(found.network);

	(void)state;
	geo_close(geo);
	assert_int_equal(length, sizeof(found.network) - 1);
	assert_memory_equal(found.network + length - 2, "\xc3\xbc", 2);
}

static void no_address(void **state)
{
	char path[512];
	struct geo *geo = open_good(made("geolite2-asn", path), "");
	struct addr absent = {0};
	struct geo_found found;

	(void)state;
	geo_lookup(geo, &absent, &found);
	geo_close(geo);
	assert_int_equal(found.asn, 0);
}

/* --- files that are none, and files that change --- */

struct bytes {
	char data[8192];
	size_t length;
};

static void read_made(const char *name, struct bytes *bytes)
{
	char path[512];
	FILE *file = fopen(made(name, path), "rb");

	assert_non_null(file);
	bytes->length = fread(bytes->data, 1, sizeof(bytes->data), file);
	fclose(file);
	assert_in_range(bytes->length, 100, sizeof(bytes->data) - 1);
}

/* Into the file itself, as `cp` does it. */
static void overwrite(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), length);
	close(fd);
}

struct folder {
	char path[64], file[80], fresh[80];
};

static void make_folder(struct folder *folder)
{
	strcpy(folder->path, "/tmp/egress25-geo-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->file, sizeof(folder->file), "%s/a.mmdb", folder->path);
	snprintf(
	    folder->fresh, sizeof(folder->fresh), "%s/new.mmdb", folder->path);
}

static void remove_folder(const struct folder *folder)
{
	unlink(folder->file);
	unlink(folder->fresh);
	rmdir(folder->path);
}

static void take_from(const struct folder *folder, const char *name)
{
	struct bytes bytes;

	read_made(name, &bytes);
	overwrite(folder->file, bytes.data, bytes.length);
}

enum damage { EMPTY, CUT, TAIL_ONLY, TEXT };

static void write_damaged(const char *path, enum damage damage)
{
	struct bytes bytes;

	read_made("geolite2-asn", &bytes);
	switch (damage) {
	case EMPTY:
		overwrite(path, "", 0);
		break;
	case CUT:
		overwrite(path, bytes.data, bytes.length / 2);
		break;
	case TAIL_ONLY:
		overwrite(path, bytes.data + bytes.length - 200, 200);
		break;
	case TEXT:
		overwrite(path, "64496,192.0.2.0/24\n", 19);
		break;
	}
}

static const struct bad_row {
	const char *name;
	enum damage damage;
} bad_rows[] = {
    {"an empty file is said to be none", EMPTY},
    {"a file that was cut is said to be none", CUT},
    {"a file that lost its head is said to be none", TAIL_ONLY},
    {"a CSV file is said to be none", TEXT},
};

static void bad_file(void **state)
{
	const struct bad_row *row = *state;
	struct geo *geo = NULL;
	struct folder folder;
	struct err err;
	int error;

	make_folder(&folder);
	write_damaged(folder.file, row->damage);
	error = geo_open("", folder.file, &geo, &err);
	remove_folder(&folder);
	assert_int_equal(error, -EINVAL);
	assert_null(geo);
	assert_non_null(strstr(err.text, "/a.mmdb: it is no MaxMind DB file"));
}

static void bad_path(void **state)
{
	struct geo *geo = NULL;
	struct err err;

	(void)state;
	assert_int_equal(
	    geo_open("/nowhere/asn.mmdb", "", &geo, &err), -EINVAL);
	assert_string_equal(
	    err.text, "/nowhere/asn.mmdb: No such file or directory");
	assert_int_equal(geo_open("/tmp", "", &geo, &err), -EINVAL);
	assert_string_equal(err.text, "/tmp: it is no regular file");
	assert_null(geo);
}

static void renamed(void **state)
{
	struct folder folder;
	struct bytes bytes;
	struct geo *geo;

	(void)state;
	make_folder(&folder);
	take_from(&folder, "geolite2-asn");
	geo = open_good(folder.file, "");
	read_made("asn-uint", &bytes);
	overwrite(folder.fresh, bytes.data, bytes.length);
	assert_int_equal(rename(folder.fresh, folder.file), 0);
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64496);
	geo_refresh(geo);
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64499);
	geo_close(geo);
	remove_folder(&folder);
}

static void broken_later(void **state)
{
	struct folder folder;
	struct geo *geo;
	int damage;

	(void)state;
	log_setup("test", LOG_LEVEL_ERROR);
	make_folder(&folder);
	take_from(&folder, "geolite2-asn");
	geo = open_good(folder.file, "");
	for (damage = EMPTY; damage <= TEXT; damage++) {
		write_damaged(folder.file, (enum damage)damage);
		assert_int_equal(look_up(geo, "192.0.2.1").asn, 64496);
		geo_refresh(geo);
		assert_int_equal(look_up(geo, "192.0.2.1").asn, 64496);
		assert_false(geo_is_sound(geo));
	}
	unlink(folder.file);
	geo_refresh(geo);
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64496);
	assert_false(geo_is_sound(geo));
	take_from(&folder, "asn-uint");
	geo_refresh(geo);
	assert_true(geo_is_sound(geo));
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64499);
	geo_close(geo);
	remove_folder(&folder);
}

/* How often the log says that the old one stays, in three refreshes. */
static int count_complaints(struct geo *geo)
{
	FILE *file = tmpfile();
	int i, count = 0, saved = dup(STDERR_FILENO);
	char line[400];

	assert_non_null(file);
	log_setup("test", LOG_LEVEL_WARN);
	dup2(fileno(file), STDERR_FILENO);
	for (i = 0; i < 3; i++)
		geo_refresh(geo);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL)
		count += strstr(line, "; the old one stays in use") != NULL;
	fclose(file);
	return count;
}

/* What stands where a file was. A FIFO must not be waited for. */
static void complains_once(void **state)
{
	struct folder folder;
	struct geo *geo;

	(void)state;
	make_folder(&folder);
	take_from(&folder, "geolite2-asn");
	geo = open_good(folder.file, "");
	write_damaged(folder.file, CUT);
	assert_int_equal(count_complaints(geo), 1);
	write_damaged(folder.file, TEXT);
	assert_int_equal(count_complaints(geo), 1);
	unlink(folder.file);
	assert_int_equal(mkdir(folder.file, 0700), 0);
	assert_int_equal(count_complaints(geo), 1);
	rmdir(folder.file);
	assert_int_equal(mkfifo(folder.file, 0600), 0);
	assert_int_equal(count_complaints(geo), 1);
	unlink(folder.file);
	assert_int_equal(count_complaints(geo), 0);
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64496);
	take_from(&folder, "asn-uint");
	assert_int_equal(count_complaints(geo), 0);
	assert_int_equal(look_up(geo, "192.0.2.1").asn, 64499);
	geo_close(geo);
	remove_folder(&folder);
}

struct reader {
	struct geo *geo;
	atomic_bool end;
	atomic_int wrong;
};

static void *keep_looking(void *arg)
{
	struct reader *reader = arg;
	struct geo_found found;
	struct addr addr;

	addr_parse(&addr, "192.0.2.1");
	while (!reader->end) {
		geo_lookup(reader->geo, &addr, &found);
		if (found.asn != 64496 && found.asn != 64499)
			reader->wrong++;
	}
	return NULL;
}

static void threads(void **state)
{
	struct reader reader = {0};
	struct folder folder;
	pthread_t thread;
	int i;

	(void)state;
	log_setup("test", LOG_LEVEL_ERROR);
	make_folder(&folder);
	take_from(&folder, "geolite2-asn");
	reader.geo = open_good(folder.file, "");
	assert_int_equal(
	    pthread_create(&thread, NULL, keep_looking, &reader), 0);
	for (i = 0; i < 100; i++) {
		take_from(&folder, i % 2 ? "geolite2-asn" : "asn-uint");
		geo_refresh(reader.geo);
	}
	reader.end = true;
	pthread_join(thread, NULL);
	geo_close(reader.geo);
	remove_folder(&folder);
	assert_int_equal(reader.wrong, 0);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, count_rows, count);
	TEST_ROWS(&list, rows, found_row);
	test_add(&list, "a long name is cut between characters", long_name);
	test_add(&list, "no address is in no network", no_address);
	TEST_ROWS(&list, bad_rows, bad_file);
	test_add(&list, "what is no file is said by its path", bad_path);
	test_add(&list, "a file that is renamed over is taken up", renamed);
	test_add(&list, "a file that breaks under us leaves the old one in use",
	    broken_later);
	test_add(&list, "the log says once what is broken, and nothing hangs",
	    complains_once);
	test_add(&list, "look-ups go on beside refreshes", threads);
	return test_run("geo", &list);
}
