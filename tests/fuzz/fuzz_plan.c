/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "agent/service/plan.h"
#include "tests/fuzz/fuzz.h"

static void require_sound(const struct plan *plan)
{
	const struct endpoint *endpoint;
	size_t i;

	fuzz_require(plan->endpoints.count <= PLAN_ENDPOINTS_MAX);
	fuzz_require(plan->until_ms > plan->at_ms);
	for (i = 0; i < plan->endpoints.count; i++) {
		endpoint = &plan->endpoints.items[i];
		fuzz_require(endpoint->name[0] != '\0');
		fuzz_require((endpoint->host[0] == '\0') !=
			     (endpoint->domain[0] == '\0'));
		fuzz_require(endpoint->interval_s > 0);
		fuzz_require(endpoint->ports.count <= PORT_LIST_MAX);
		fuzz_require(endpoint->control.count <= PORT_LIST_MAX);
		fuzz_require(endpoint->known.nspki <= KNOWN_KEYS_MAX);
		fuzz_require(plan->slots[i].extra >= 0);
	}
}

/* What was read is sound, and what was kept of it is read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct plan plan, again;
	struct buf text = {0};
	struct err err = {""};
	int64_t taken_ms;
	size_t count;

	if (plan_decode((const char *)bytes, length, &plan, &err) != 0) {
		fuzz_require(err.text[0] != '\0');
		fuzz_require(plan.slots == NULL && plan.endpoints.count == 0);
		return 0;
	}
	require_sound(&plan);
	count = plan.endpoints.count;
	plan_free(&plan);
	plan_keep((const char *)bytes, length, "https://a.example", 5, &text);
	fuzz_require(plan_decode_kept(&text, "https://a.example", &taken_ms,
			 &again, &err) == 0);
	fuzz_require(taken_ms == 5 && again.endpoints.count == count);
	plan_free(&again);
	buf_free(&text);
	return 0;
}
