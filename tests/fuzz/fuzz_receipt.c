/* SPDX-License-Identifier: Apache-2.0 */

/* What a stranger says in a receipt's place: it is never right, and what can
 * be read of it is written back as the same bytes. */

#include <string.h>

#include "lib/base/base64.h"
#include "lib/receipt/receipt_judge.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct endpoint_known known = {
	    .receipt_keys = {{1}}, .nreceipt_keys = 1};
	struct probe_seen probe;
	struct target_seen target = {.probes = &probe, .nprobes = 1};
	uint8_t body[RECEIPT_MOST], again[RECEIPT_BODY_MOST];
	struct receipt receipt;
	size_t got;

	probe_seen_init(&probe, 25, MODE_STARTTLS);
	probe.receipt.asked = true;
	if (length >= RECEIPT_TEXT_SIZE)
		length = RECEIPT_TEXT_SIZE - 1;
	memcpy(probe.receipt.said, bytes, length);
	receipt_judge(&target, &known);
	fuzz_require(probe.receipt.worth != RECEIPT_RIGHT);
	if (base64_decode(probe.receipt.said, strlen(probe.receipt.said), body,
		sizeof(body), &got) &&
	    got > RECEIPT_SIGNATURE_SIZE &&
	    receipt_unpack(body, got - RECEIPT_SIGNATURE_SIZE, &receipt)) {
		got -= RECEIPT_SIGNATURE_SIZE;
		fuzz_require(receipt_pack(&receipt, again) == got);
		fuzz_require(memcmp(body, again, got) == 0);
	}
	return 0;
}
