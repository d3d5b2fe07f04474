/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/config/endpoints_file.h"
#include "tests/fuzz/fuzz.h"

static void require_sound(const struct endpoint *endpoint)
{
	fuzz_require(strlen(endpoint->name) > 0);
	fuzz_require((*endpoint->host == '\0') != (*endpoint->domain == '\0'));
	fuzz_require(endpoint->ports.count >= 1);
	fuzz_require(endpoint->ports.count <= PORT_LIST_MAX);
	fuzz_require(endpoint->control.count <= PORT_LIST_MAX);
	fuzz_require(endpoint->known.nspki <= KNOWN_KEYS_MAX);
	fuzz_require(endpoint->addresses >= 1);
	fuzz_require(endpoint->interval_s >= 1);
	fuzz_require(endpoint->rate > 0 && endpoint->rate <= 10000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct conf_text text = {"f", (const char *)bytes, length};
	struct endpoint_list list;
	struct err err = {""};
	size_t i;

	if (endpoints_read_text(&text, &list, &err) != 0) {
		fuzz_require(strncmp(err.text, "f:", 2) == 0);
		fuzz_require(list.items == NULL && list.count == 0);
		return 0;
	}
	for (i = 0; i < list.count; i++)
		require_sound(&list.items[i]);
	endpoints_free(&list);
	return 0;
}
