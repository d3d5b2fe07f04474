/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/receipt_word.h"

static const char *const receipt_words[RECEIPT_WORTHS] = {
    [RECEIPT_NONE] = "",
    [RECEIPT_MISSING] = "missing",
    [RECEIPT_SPOILED] = "spoiled",
    [RECEIPT_UNKNOWN_KEY] = "unknown-key",
    [RECEIPT_STALE] = "stale",
    [RECEIPT_OTHER_NONCE] = "other-nonce",
    [RECEIPT_OTHER_PORT] = "other-port",
    [RECEIPT_OTHER_EHLO] = "other-ehlo",
    [RECEIPT_OTHER_SOURCE] = "other-source",
    [RECEIPT_RIGHT] = "right",
};

const char *receipt_word(enum receipt_worth worth)
{
	return (int)worth >= 0 && worth < RECEIPT_WORTHS ? receipt_words[worth]
							 : "";
}
