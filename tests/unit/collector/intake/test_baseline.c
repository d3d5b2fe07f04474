/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/rows.h"

#define NOW INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define DAY (INT64_C(24) * 3600 * 1000)

/* "OoMm": networks that saw it offered or missing; small: ten days ago. */
static const struct row {
	const char *name, *networks;
	bool offers;
} rows[] = {
    {"nothing is known of it", "", false},
    {"seen from one network, it may be that network's", "O", false},
    {"seen from two as well", "OO", false},
    {"seen from three, it is the endpoint's", "OOO", true},
    {"one of five strips it", "OOOOM", true},
    {"two of five do not see it: who knows", "OOOMM", false},
    {"three long ago", "ooo", false},
    {"three, and two long ago without", "OOOmm", true},
    {"three without", "MMM", false},
};

static struct measurement shows(uint32_t asn, bool offered, int64_t at_ms)
{
	struct measurement row = {
	    .at_ms = at_ms,
	    .asn = asn,
	    .endpoint = "mx1",
	    .mode = MODE_STARTTLS,
	    .outcome = OUTCOME_REACHABLE,
	    .mechanism = MECHANISM_OPEN,
	    .attributed = true,
	    .listed = true,
	};

	if (offered)
		strcpy(row.tls_version, "TLSv1.3");
	return row;
}

static bool learned(const struct baseline *baseline)
{
	struct baseline_names names;
	bool has;

	assert_int_equal(baseline_list(baseline, NOW, &names), 0);
	has = baseline_has(&names, "mx1");
	assert_false(baseline_has(&names, "mx2"));
	free(names.names);
	return has;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct baseline baseline = {0};
	struct measurement shown;
	uint32_t i;

	for (i = 0; row->networks[i] != '\0'; i++) {
		bool recent = strchr("OM", row->networks[i]) != NULL;

		shown = shows(64500 + i, strchr("Oo", row->networks[i]) != NULL,
		    recent ? NOW - DAY : NOW - 10 * DAY);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_int_equal(learned(&baseline), row->offers);
	baseline_free(&baseline);
}

enum doubt {
	AGAIN,
	UNLISTED,
	UNATTRIBUTED,
	NO_NETWORK,
	OTHER_MODE,
	FILTERED,
	REJECTED
};

static const struct silent_row {
	const char *name;
	enum doubt doubt;
} silent_rows[] = {
    {"the same network a third time tells nothing", AGAIN},
    {"a row that the list does not have tells nothing", UNLISTED},
    {"an unattributed row tells nothing", UNATTRIBUTED},
    {"a row of no network tells nothing", NO_NETWORK},
    {"implicit TLS tells nothing", OTHER_MODE},
    {"a filtered port tells nothing", FILTERED},
    {"a server that turned us away tells nothing", REJECTED},
};

static void silent(void **state)
{
	const struct silent_row *row = *state;
	struct baseline baseline = {0};
	struct measurement shown;
	uint32_t i;

	for (i = 0; i < 3; i++) {
		shown = shows(64500 + i, true, NOW);
		if (i == 2 && row->doubt == AGAIN)
			shown.asn = 64501;
		if (i == 2 && row->doubt == UNLISTED)
			shown.listed = false;
		if (i == 2 && row->doubt == UNATTRIBUTED)
			shown.attributed = false;
		if (i == 2 && row->doubt == NO_NETWORK)
			shown.asn = 0;
		if (i == 2 && row->doubt == OTHER_MODE)
			shown.mode = MODE_TLS;
		if (i == 2 && row->doubt == FILTERED)
			shown.outcome = OUTCOME_FILTERED;
		if (i == 2 && row->doubt == REJECTED)
			shown.mechanism = MECHANISM_REJECTED;
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_false(learned(&baseline));
	baseline_free(&baseline);
}

static void changes(void **state)
{
	struct baseline baseline = {0};
	struct measurement shown;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		shown = shows(64500 + i, true, NOW - DAY);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_true(learned(&baseline));
	for (i = 0; i < 3; i++) {
		shown = shows(64500 + i, false, NOW - DAY / 2);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_false(learned(&baseline));
	baseline_free(&baseline);
}

/* More names than there is room for, as lists change, freeze nothing. */
static void many_names(void **state)
{
	struct baseline baseline = {0};
	struct measurement shown;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		shown = shows(64500, true, NOW - DAY + i);
		snprintf(shown.endpoint, sizeof(shown.endpoint), "name%u", i);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_int_equal(baseline.count, 4096);
	for (i = 0; i < 3; i++) {
		shown = shows(64500 + i, true, NOW);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_int_equal(baseline.count, 4096);
	assert_true(learned(&baseline));
	baseline_free(&baseline);
}

static void many(void **state)
{
	struct baseline baseline = {0};
	struct measurement shown;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		shown = shows(1 + i, true, NOW - 5000 + i);
		assert_int_equal(baseline_add(&baseline, &shown), 0);
	}
	assert_true(learned(&baseline));
	baseline_free(&baseline);
}

int main(void)
{
	struct test_list list = {0};

	TEST_ROWS(&list, rows, run_row);
	TEST_ROWS(&list, silent_rows, silent);
	test_add(&list, "an endpoint that offers it no more has no baseline",
	    changes);
	test_add(&list, "thousands of networks are no trouble", many);
	test_add(&list, "many names do not keep it from learning", many_names);
	return test_run("baseline", &list);
}
