/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/fleet/counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/verdict/evidence/model.h"
#include "collector/verdict/network_walk.h"
#include "lib/base/day.h"
#include "tests/support/rows.h"

#define TODAY     20000
#define NOW       (TODAY * DAY_MS + 12 * HOUR_MS)
#define NETWORKS  5
#define ENDPOINTS 40
#define OUTCOMES  3

/* What each network, day and outcome had. */
static int64_t had[NETWORKS][MODEL_WINDOW][OUTCOMES];
static int64_t left[NETWORKS][MODEL_WINDOW][OUTCOMES];

static int add_network(void *arg, const struct evidence *evidence)
{
	return counts_add(arg, evidence, 7);
}

/* Rows of a network; some are too old, or not yet. */
static void draw_network(struct network_walk *walk, uint32_t which)
{
	int n;

	for (n = 0; n < 400; n++) {
		int day = rand() % (MODEL_WINDOW + 3) - 1;
		int outcome = rand() % OUTCOMES, endpoint = rand() % ENDPOINTS;
		struct rollup_row row = {
		    .day = TODAY - MODEL_WINDOW + 1 + day,
		    .asn = 64500 + which,
		    .family = 4,
		    .port = 25,
		    .outcome = (enum outcome)outcome,
		    .mechanism = MECHANISM_OPEN,
		    .count = 1 + rand() % 9,
		};

		row.first_ms = row.last_ms = row.day * DAY_MS;
		snprintf(row.agent, sizeof(row.agent), "%016d", rand() % 5);
		snprintf(row.endpoint, sizeof(row.endpoint), "mx%d", endpoint);
		assert_int_equal(network_walk_add(walk, &row), 0);
		if (day < 0 || day >= MODEL_WINDOW)
			continue;
		had[which][day][outcome] += row.count;
	}
}

static void check_networks(const struct counts *counts)
{
	size_t which, i;

	memcpy(left, had, sizeof(had));
	for (which = 0; which < NETWORKS; which++) {
		size_t at = counts_find(counts, 64500 + (uint32_t)which, 4, 25);

		assert_int_equal(at, which);
		for (i = counts->networks[at].first;
		     i < counts_end_of(counts, at); i++) {
			const struct counts_cell *cell = &counts->cells[i];
			int64_t *one = &left[which][cell->day][cell->outcome];

			assert_int_equal(cell->measurements, *one);
			assert_true(*one > 0);
			*one = 0;
		}
	}
	for (i = 0; i < sizeof(left) / sizeof(left[0][0][0]); i++)
		assert_int_equal((&left[0][0][0])[i], 0);
}

/* Of the networks before, those that are the same are taken over. */
static void check_copies(const struct counts *before)
{
	struct counts_network wanted = {
	    .asn = 64500, .family = 4, .port = 25, .changes = 7};
	struct counts counts = {.since = before->since};

	wanted.changes = 8;
	assert_int_equal(counts_copy(&counts, before, &wanted), 0);
	wanted.changes = 7;
	wanted.family = 6;
	assert_int_equal(counts_copy(&counts, before, &wanted), 0);
	wanted.family = 4;
	counts.reads = 1;
	assert_int_equal(counts_copy(&counts, before, &wanted), 0);
	counts.reads = 0;
	counts.since++;
	assert_int_equal(counts_copy(&counts, before, &wanted), 0);
	counts.since--;
	for (; wanted.asn < 64500 + NETWORKS; wanted.asn++)
		assert_int_equal(counts_copy(&counts, before, &wanted), 1);
	assert_int_equal(counts_copy(&counts, before, &wanted), 0);
	check_networks(&counts);
	counts_free(&counts);
}

static void drawn(void **state)
{
	struct counts counts = {0};
	struct network_walk walk;
	uint32_t which;

	(void)state;
	srand(27);
	assert_int_equal(counts_begin(&counts, NOW), 0);
	network_walk_init(&walk, NOW, add_network, &counts);
	for (which = 0; which < NETWORKS; which++)
		draw_network(&walk, which);
	assert_int_equal(network_walk_end(&walk), 0);
	network_walk_free(&walk);
	counts_close(&counts);
	assert_int_equal(counts.since, TODAY - MODEL_WINDOW + 1);
	assert_int_equal(counts.nnetworks, NETWORKS);
	check_networks(&counts);
	check_copies(&counts);
	assert_int_equal(counts_find(&counts, 64499, 4, 25), 0);
	assert_int_equal(counts_find(&counts, 64501, 6, 25), 2);
	assert_int_equal(counts_find(&counts, 64600, 4, 25), NETWORKS);
	counts_free(&counts);
}

/* More than a cell holds is as much as it holds, not little. */
static void large(void **state)
{
	struct counts counts = {0};
	struct network_walk walk;
	struct rollup_row row = {
	    .day = TODAY,
	    .asn = 64500,
	    .family = 4,
	    .port = 25,
	    .first_ms = NOW,
	    .last_ms = NOW,
	    .count = 3000000000,
	};

	(void)state;
	assert_int_equal(counts_begin(&counts, NOW), 0);
	network_walk_init(&walk, NOW, add_network, &counts);
	strcpy(row.agent, "a");
	assert_int_equal(network_walk_add(&walk, &row), 0);
	strcpy(row.agent, "b");
	assert_int_equal(network_walk_add(&walk, &row), 0);
	assert_int_equal(network_walk_end(&walk), 0);
	network_walk_free(&walk);
	assert_int_equal(counts.ncells, 1);
	assert_int_equal(counts.cells[0].measurements, UINT32_MAX);
	counts_free(&counts);
}

int main(void)
{
	struct test_list list = {0};

	test_add(&list,
	    "each day and outcome is counted once, and copied as it is", drawn);
	test_add(&list, "a count does not overflow", large);
	return test_run("counts", &list);
}
