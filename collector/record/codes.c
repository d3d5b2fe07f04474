/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/record/codes.h"

#include <stddef.h>

#include "collector/record/network.h"
#include "lib/report/vocabulary.h"

static const uint8_t modes[MODE_COUNT] = {
    [MODE_STARTTLS] = 1,
    [MODE_TLS] = 2,
    [MODE_CONNECT] = 3,
};

static const uint8_t stages[STAGE_COUNT] = {
    [STAGE_RESOLVE] = 1,
    [STAGE_CONNECT] = 2,
    [STAGE_BANNER] = 3,
    [STAGE_EHLO] = 4,
    [STAGE_STARTTLS] = 5,
    [STAGE_TLS] = 6,
    [STAGE_EHLO_TLS] = 7,
    [STAGE_DONE] = 8,
};

static const uint8_t failures[FAILURE_COUNT] = {
    [FAILURE_NONE] = 0,
    [FAILURE_RESOLVE] = 1,
    [FAILURE_NO_ROUTE] = 2,
    [FAILURE_DENIED] = 3,
    [FAILURE_TIMEOUT] = 4,
    [FAILURE_REFUSED] = 5,
    [FAILURE_UNREACHABLE] = 6,
    [FAILURE_RESET] = 7,
    [FAILURE_CLOSED] = 8,
    [FAILURE_PROTOCOL] = 9,
    [FAILURE_REJECTED] = 10,
    [FAILURE_NO_STARTTLS] = 11,
    [FAILURE_TLS] = 12,
};

static const uint8_t verifies[VERIFY_COUNT] = {
    [VERIFY_ABSENT] = 0,
    [VERIFY_OK] = 1,
    [VERIFY_EXPIRED] = 2,
    [VERIFY_NOT_YET_VALID] = 3,
    [VERIFY_SELF_SIGNED] = 4,
    [VERIFY_NAME] = 5,
    [VERIFY_UNTRUSTED] = 6,
    [VERIFY_OTHER] = 7,
};

static const uint8_t outcomes[OUTCOME_COUNT] = {
    [OUTCOME_REACHABLE] = 1,
    [OUTCOME_FILTERED] = 2,
    [OUTCOME_INTERCEPTED] = 3,
    [OUTCOME_LOCAL] = 4,
    [OUTCOME_ENDPOINT] = 5,
    [OUTCOME_UNKNOWN] = 6,
};

static const uint8_t mechanisms[MECHANISM_COUNT] = {
    [MECHANISM_OPEN] = 1,
    [MECHANISM_REJECTED] = 2,
    [MECHANISM_DROP] = 3,
    [MECHANISM_DROP_REPLY] = 4,
    [MECHANISM_RESET] = 5,
    [MECHANISM_ICMP] = 6,
    [MECHANISM_RESET_AFTER_CONNECT] = 7,
    [MECHANISM_STALL_AFTER_CONNECT] = 8,
    [MECHANISM_THROTTLE] = 9,
    [MECHANISM_REDIRECT] = 10,
    [MECHANISM_STARTTLS_STRIPPED] = 11,
    [MECHANISM_TLS_INTERCEPTED] = 12,
    [MECHANISM_DENIED] = 13,
    [MECHANISM_DOWN] = 14,
    [MECHANISM_REFUSED] = 15,
    [MECHANISM_OFFLINE] = 16,
    [MECHANISM_NO_ROUTE] = 17,
    [MECHANISM_RESOLVE] = 18,
    [MECHANISM_NO_CONTROL] = 19,
    [MECHANISM_SILENT] = 20,
    [MECHANISM_BROKEN] = 21,
};

static const uint8_t wheres[WHERE_COUNT] = {
    [WHERE_NONE] = 0,
    [WHERE_HOST] = 1,
    [WHERE_ACCESS] = 2,
    [WHERE_PATH] = 3,
    [WHERE_FAR_END] = 4,
    [WHERE_LINK] = 5,
    [WHERE_NETWORK] = 6,
    [WHERE_HOST_OR_PATH] = 7,
};

static const uint8_t states[STATE_COUNT] = {
    [STATE_OPEN] = 1,
    [STATE_FILTERED] = 2,
    [STATE_PARTIAL] = 3,
    [STATE_INTERCEPTED] = 4,
    [STATE_INCONSISTENT] = 5,
    [STATE_INSUFFICIENT] = 6,
};

static const uint8_t levels[LEVEL_COUNT] = {
    [LEVEL_NONE] = 0,
    [LEVEL_THIN] = 1,
    [LEVEL_FAIR] = 2,
    [LEVEL_STRONG] = 3,
};

static const struct {
	const uint8_t *codes;
	int count;
	int absent; /* what the code 0 is; -1: nothing */
} kinds[CODE_KINDS] = {
    [CODE_MODE] = {modes, MODE_COUNT, -1},
    [CODE_STAGE] = {stages, STAGE_COUNT, -1},
    [CODE_FAILURE] = {failures, FAILURE_COUNT, FAILURE_NONE},
    [CODE_VERIFY] = {verifies, VERIFY_COUNT, VERIFY_ABSENT},
    [CODE_OUTCOME] = {outcomes, OUTCOME_COUNT, OUTCOME_COUNT},
    [CODE_MECHANISM] = {mechanisms, MECHANISM_COUNT, MECHANISM_COUNT},
    [CODE_WHERE] = {wheres, WHERE_COUNT, WHERE_NONE},
    [CODE_STATE] = {states, STATE_COUNT, -1},
    [CODE_LEVEL] = {levels, LEVEL_COUNT, LEVEL_NONE},
};

uint8_t code_of(enum code_kind kind, int value)
{
	return value >= 0 && value < kinds[kind].count
		   ? kinds[kind].codes[value]
		   : 0;
}

int code_value(enum code_kind kind, uint8_t code)
{
	int value;

	if (code == 0)
		return kinds[kind].absent;
	for (value = 0; value < kinds[kind].count; value++)
		if (kinds[kind].codes[value] == code)
			return value;
	return -1;
}
