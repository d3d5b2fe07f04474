/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/commands/verdict_changes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/fleet/networks.h"
#include "lib/base/array.h"

/* A network of the store before. */
struct known {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	uint8_t state;
};

struct changes {
	struct known *known; /* owned; by key */
	size_t count, at;    /* at: those before it were compared */
	int64_t changed;
};

static int add_known(void *arg, const struct networks_judged *judged)
{
	struct changes *changes = arg;
	const struct network_verdict *verdict = judged->verdict;
	struct known *grown = array_grow(
	    changes->known, changes->count, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	changes->known = grown;
	grown[changes->count++] = (struct known){verdict->asn, verdict->family,
	    verdict->port, (uint8_t)verdict->state};
	return 0;
}

static int compare_known(
    const struct known *known, const struct network_verdict *verdict)
{
	if (known->asn != verdict->asn)
		return known->asn < verdict->asn ? -1 : 1;
	if (known->family != verdict->family)
		return known->family < verdict->family ? -1 : 1;
	return (known->port > verdict->port) - (known->port < verdict->port);
}

static void print_change(struct changes *changes, const struct known *network,
    enum network_state after, const char *because)
{
	changes->changed++;
	printf("AS%-9" PRIu32 "  IPv%u %5u  %-12s -> %-12s  %s\n", network->asn,
	    network->family, network->port,
	    network_state_word((enum network_state)network->state),
	    network_state_word(after), because);
}

/* Networks of before that are not there any more. */
static void print_gone(
    struct changes *changes, const struct network_verdict *until)
{
	const struct known *known;

	for (; changes->at < changes->count; changes->at++) {
		known = &changes->known[changes->at];
		if (until != NULL && compare_known(known, until) >= 0)
			return;
		if (known->state != STATE_INSUFFICIENT)
			print_change(changes, known, STATE_INSUFFICIENT,
			    "No measurement of it counts any more");
	}
}

static int compare(void *arg, const struct networks_judged *judged)
{
	struct changes *changes = arg;
	const struct network_verdict *verdict = judged->verdict;
	struct known before = {
	    verdict->asn, verdict->family, verdict->port, STATE_INSUFFICIENT};

	print_gone(changes, verdict);
	if (changes->at < changes->count &&
	    compare_known(&changes->known[changes->at], verdict) == 0)
		before = changes->known[changes->at++];
	if (before.state != verdict->state)
		print_change(
		    changes, &before, verdict->state, verdict->because);
	return 0;
}

static int judge(struct store *store, int64_t now_ms, networks_visit *visit,
    struct changes *changes, struct err *err)
{
	struct judge all;
	const struct networks_as_of as_of = {&all, now_ms};
	struct row_filter filter;
	int error = networks_learn(store, now_ms, &all, NULL, NULL, err);

	row_filter_init(&filter);
	if (error == 0)
		error = networks_decide(
		    store, &filter, &as_of, visit, changes, err);
	judge_free(&all);
	return error;
}

int verdict_changes_print(
    struct store *before, struct store *after, int64_t now_ms, struct err *err)
{
	struct changes changes = {0};
	int error = judge(before, now_ms, add_known, &changes, err);

	if (error == 0)
		error = judge(after, now_ms, compare, &changes, err);
	if (error == 0) {
		print_gone(&changes, NULL);
		printf("%" PRId64 " of %zu verdicts change\n", changes.changed,
		    changes.count);
	}
	free(changes.known);
	return error;
}
