/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/rows.h"

/* GEO_FOLDER has the databases that tests/geo/flavours.pl makes. */
static void path_of(const char *name, char path[300])
{
	path[0] = '\0';
	if (name[0] != '\0')
		snprintf(path, 300, "%s/%s.mmdb", GEO_FOLDER, name);
}

static struct geo *open_geo(const char *asn, const char *country)
{
	char asn_path[300], country_path[300];
	struct geo *geo;
	struct err err;

	path_of(asn, asn_path);
	path_of(country, country_path);
	if (geo_open(asn_path, country_path, &geo, &err) < 0)
		fail_msg("%s", err.text);
	return geo;
}

static struct geo_found look_up(struct geo *geo, const char *text)
{
	struct geo_found found;
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	geo_lookup(geo, &addr, &found);
	return found;
}

static const struct row {
	const char *name, *asn, *country, *address;
	uint32_t number;
	const char *network, *code;
} rows[] = {
    {"GeoLite2's names", "asn-geolite", "country-geolite", "192.0.2.7", 64500,
	"Example", "DE"},
    {"IPv6 too", "asn-geolite", "country-geolite", "2001:db8::7", 64500,
	"Example", "DE"},
    {"a number called asn", "asn-number", "country-code", "192.0.2.7", 64500,
	"Example", "DE"},
    {"an ASN as text", "asn-text", "country-text", "192.0.2.7", 64500,
	"Example", "DE"},
    {"the registered country", "asn-text", "country-registered", "192.0.2.7",
	64500, "Example", "DE"},
    {"a country that is no code is none", "asn-text", "country-odd",
	"192.0.2.7", 64500, "Example", ""},
    {"an address that is in no range", "asn-geolite", "country-geolite",
	"203.0.113.7", 0, "", ""},
    {"no databases at all", "", "", "192.0.2.7", 0, "", ""},
    {"countries alone", "", "country-geolite", "192.0.2.7", 0, "", "DE"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct geo *geo = open_geo(row->asn, row->country);
	struct geo_found found = look_up(geo, row->address);

	assert_int_equal(found.asn, row->number);
	assert_string_equal(found.network, row->network);
	assert_string_equal(found.country, row->code);
	geo_close(geo);
}

static const struct bad_row {
	const char *name, *file, *sentence;
} bad_rows[] = {
    {"a file that is not there", "missing", ": No such file or directory"},
    {"garbage", "garbage", ": not a MaxMind DB file: "},
    {"half a database", "truncated", ": not a MaxMind DB file: "},
};

static void bad(void **state)
{
	const struct bad_row *row = *state;
	struct geo *geo;
	struct err err = {""};
	char path[300];

	path_of(row->file, path);
	assert_int_equal(geo_open(path, "", &geo, &err), -22);
	assert_memory_equal(err.text, path, strlen(path));
	assert_memory_equal(
	    err.text + strlen(path), row->sentence, strlen(row->sentence));
}

static void replace(const char *name, const char *path)
{
	char from[300], command[1000];

	path_of(name, from);
	snprintf(command, sizeof(command), "cp %s %s.new && mv %s.new %s", from,
	    path, path, path);
	assert_int_equal(system(command), 0);
}

static void replaced(void **state)
{
	char path[] = "/tmp/egress25-geo-XXXXXX";
	int fd = mkstemp(path);
	struct geo *geo;
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	replace("asn-geolite", path);
	assert_int_equal(geo_open(path, "", &geo, &err), 0);
	assert_int_equal(look_up(geo, "192.0.2.7").asn, 64500);
	replace("asn-other", path);
	assert_int_equal(look_up(geo, "192.0.2.7").asn, 64500);
	geo_refresh(geo);
	assert_int_equal(look_up(geo, "192.0.2.7").asn, 64501);
	replace("garbage", path);
	geo_refresh(geo);
	assert_int_equal(look_up(geo, "192.0.2.7").asn, 64501);
	unlink(path);
	geo_refresh(geo);
	assert_int_equal(look_up(geo, "192.0.2.7").asn, 64501);
	geo_close(geo);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, bad_rows, bad);
	test_add(&list, "a file that is replaced is taken up, a broken one not",
	    replaced);
	return test_run("geo", &list);
}
