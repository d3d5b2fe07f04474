/* SPDX-License-Identifier: Apache-2.0 */
#include <ares.h>
#include <string.h>

#include "agent/net/resolve_parse.h"
#include "lib/base/values.h"
#include "tests/fuzz/fuzz.h"

/*
 * The first byte is the type that was asked for, the rest the message that
 * somebody sent as its answer.
 */

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void addresses(uint8_t family, const uint8_t *answer, int length)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct resolve_addresses found = {.count = 0};
	size_t i;

	resolve_parse_addresses(&found, family, answer, length);
	fuzz_require(found.count <= RESOLVE_ADDRESSES_MAX);
	for (i = 0; i < found.count; i++) {
		fuzz_require(found.address[i].family == family);
		/* An address has one form only (addr.h). */
		fuzz_require(family == 4 ||
			     memcmp(found.address[i].bytes, mapped, 12) != 0);
	}
}

static void mx(const uint8_t *answer, int length)
{
	static struct resolve_mx found;
	size_t i;

	memset(&found, 0, sizeof(found));
	if (resolve_parse_mx(&found, answer, length) != ARES_SUCCESS)
		fuzz_require(found.count == 0);
	fuzz_require(found.count <= RESOLVE_MX_MAX);
	for (i = 0; i < found.count; i++) {
		fuzz_require(ends(found.mx[i].host, sizeof(found.mx[i].host)));
		fuzz_require(values_is_host_name(found.mx[i].host));
		fuzz_require(i == 0 || found.mx[i - 1].preference <=
					   found.mx[i].preference);
	}
	fuzz_require(!found.null_mx || found.count == 0);
}

static void ptr(const char *of, const uint8_t *answer, int length)
{
	static struct resolve_ptr found;
	struct addr address;
	size_t i;

	memset(&found, 0, sizeof(found));
	addr_parse(&address, of);
	resolve_parse_ptr(&found, &address, answer, length);
	fuzz_require(found.count <= RESOLVE_PTR_MAX);
	for (i = 0; i < found.count; i++) {
		fuzz_require(ends(found.name[i], sizeof(found.name[i])));
		fuzz_require(values_is_host_name(found.name[i]));
	}
}

static void txt(const uint8_t *answer, int length)
{
	static struct resolve_txt found;
	char *bytes = NULL;
	size_t i, sum = 0;

	memset(&found, 0, sizeof(found));
	resolve_parse_txt(&found, &bytes, answer, length);
	fuzz_require(found.count <= RESOLVE_TXT_MAX);
	for (i = 0; i < found.count; i++) {
		fuzz_require(found.text[i] >= bytes &&
			     found.text[i] < bytes + RESOLVE_TXT_BYTES);
		sum += strlen(found.text[i]) + 1;
	}
	fuzz_require(sum <= RESOLVE_TXT_BYTES);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length == 0 || length > 65536)
		return 0;
	switch (bytes[0]) {
	case '4':
		addresses(4, bytes + 1, (int)length - 1);
		break;
	case '6':
		addresses(6, bytes + 1, (int)length - 1);
		break;
	case 'm':
		mx(bytes + 1, (int)length - 1);
		break;
	case 'p':
		ptr("192.0.2.1", bytes + 1, (int)length - 1);
		break;
	case 'P':
		ptr("2001:db8::1", bytes + 1, (int)length - 1);
		break;
	default:
		txt(bytes + 1, (int)length - 1);
		break;
	}
	return 0;
}
