/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/diagnose/diagnose.h"
#include "lib/report/report.h"
#include "lib/report/report_decode.h"
#include "tests/fuzz/fuzz.h"

static void require_sound(const struct diagnosis *d)
{
	fuzz_require(d->outcome < OUTCOME_COUNT);
	fuzz_require(d->mechanism < MECHANISM_COUNT);
	fuzz_require(d->where < WHERE_COUNT);
	fuzz_require(d->signs < 1u << SOFT_SIGNS);
	fuzz_require(d->rule != NULL && d->because[0] != '\0');
	fuzz_require(memchr(d->because, '\0', sizeof(d->because)) != NULL);
	/* The host is accused where the outcome says so, and only there. */
	fuzz_require((d->outcome == OUTCOME_LOCAL) == (d->where == WHERE_HOST));
	/* Who is not accused has no place. */
	fuzz_require(d->where == WHERE_NONE || d->outcome == OUTCOME_FILTERED ||
		     d->outcome == OUTCOME_INTERCEPTED ||
		     d->outcome == OUTCOME_LOCAL);
	fuzz_require(d->after_hop == OBSERVE_ABSENT ||
		     (d->after_hop >= 0 && d->after_hop <= OBSERVE_HOPS_MAX));
	fuzz_require(
	    d->before_hop == OBSERVE_ABSENT || d->before_hop > d->after_hop);
	/* A drop is seen; a bare timeout is not enough. */
	fuzz_require(
	    d->mechanism != MECHANISM_DROP_REPLY || d->where == WHERE_FAR_END);
}

static void diagnose_all(const struct target_seen *targets, size_t count,
    struct diagnosis (*out)[DIAGNOSE_PORTS_MAX], size_t *found)
{
	struct round_known round;
	size_t i, k;

	fuzz_require(round_know(&round, targets, count, NULL) == 0);
	for (i = 0; i < count; i++) {
		found[i] = diagnose_target(&round, i, out[i]);
		for (k = 0; k < found[i]; k++)
			require_sound(&out[i][k]);
	}
	round_free(&round);
}

/* The other way round: the diagnoses are the same. */
static void require_any_order(const struct report *report,
    struct diagnosis (*out)[DIAGNOSE_PORTS_MAX], const size_t *found)
{
	size_t count = report->ntargets, i, k;
	struct target_seen *turned = calloc(count + 1, sizeof(*turned));
	struct diagnosis(*again)[DIAGNOSE_PORTS_MAX] = calloc(
	    count + 1, sizeof(*again));
	size_t *found_again = calloc(count + 1, sizeof(*found_again));

	fuzz_require(turned != NULL && again != NULL && found_again != NULL);
	for (i = 0; i < count; i++)
		turned[i] = report->targets[count - 1 - i];
	diagnose_all(turned, count, again, found_again);
	for (i = 0; i < count; i++) {
		fuzz_require(found[i] == found_again[count - 1 - i]);
		for (k = 0; k < found[i]; k++)
			fuzz_require(
			    memcmp(&out[i][k], &again[count - 1 - i][k],
				sizeof(out[i][k])) == 0);
	}
	free(turned);
	free(again);
	free(found_again);
}

/* Whatever a report says, its diagnoses are sound, and the order of its targets
 * does not matter. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct diagnosis(*out)[DIAGNOSE_PORTS_MAX];
	struct report report;
	struct err err = {""};
	size_t *found;

	if (report_decode((const char *)bytes, length, &report, &err) != 0)
		return 0;
	out = calloc(report.ntargets + 1, sizeof(*out));
	found = calloc(report.ntargets + 1, sizeof(*found));
	fuzz_require(out != NULL && found != NULL);
	diagnose_all(report.targets, report.ntargets, out, found);
	require_any_order(&report, out, found);
	free(out);
	free(found);
	report_free(&report);
	return 0;
}
