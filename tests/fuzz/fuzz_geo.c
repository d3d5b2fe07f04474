/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/intake/geo.h"
#include "tests/fuzz/fuzz.h"

/* libmaxminddb 1.7 forgets some of a file's metadata where the rest of it is
 * damaged. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

static void look_up(struct geo *geo, const char *address)
{
	struct geo_found found;
	struct addr addr;

	fuzz_require(addr_parse(&addr, address));
	memset(&found, 0x55, sizeof(found));
	geo_lookup(geo, &addr, &found);
	fuzz_require(memchr(found.network, '\0', sizeof(found.network)));
	fuzz_require(strlen(found.country) == 0 || strlen(found.country) == 2);
}

/* The bytes are a database of networks, and of countries. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const addresses[] = {"0.0.0.0", "192.0.2.25",
	    "192.0.2.129", "198.51.100.1", "203.0.113.200", "255.255.255.255",
	    "::", "2001:db8::25", "ffff::1"};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct geo *geo = NULL;
	struct err err = {""};
	char path[64];
	size_t i;

	fuzz_require(fd >= 0);
	fuzz_require(write(fd, bytes, length) == (ssize_t)length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (geo_open(path, path, &geo, &err) == 0) {
		for (i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
			look_up(geo, addresses[i]);
		geo_close(geo);
	} else {
		fuzz_require(
		    geo == NULL && strncmp(err.text, path, strlen(path)) == 0);
	}
	close(fd);
	return 0;
}
