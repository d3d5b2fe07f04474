/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/log_copier.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/support/rows.h"
#include "tests/support/stored.h"

#define MUCH 4000 /* pages that are copied at once */

/* Write until the log has so many pages; returns how many it has. */
static int64_t write_pages(struct store *store, int64_t least, int *next)
{
	bool duplicate;
	struct err err;

	do {
		if (stored_put(store, (*next)++, &duplicate, &err) < 0)
			fail_msg("%s", err.text);
	} while (store_log_pages(store) < least);
	return store_log_pages(store);
}

static struct log_copier_figures wait_for_copies(
    struct log_copier *copier, int64_t count)
{
	struct log_copier_figures figures;
	int i;

	for (i = 0; i < 2000; i++) {
		log_copier_read_figures(copier, &figures);
		if (figures.copies.count >= count)
			return figures;
		usleep(10000);
	}
	fail_msg("it was not copied");
	return figures;
}

/* Not with each commit, while somebody reads: ten times a second. */
static void asks_now_and_then(struct log_copier *copier, int64_t pages)
{
	int64_t began_us = clock_mono_us(), took_us;
	int asked = 0;

	do {
		asked += log_copier_tell(copier, pages);
		took_us = clock_mono_us() - began_us;
	} while (took_us < 350000);
	assert_in_range(asked, 2, took_us / 100000 + 1);
}

static void copies(void **state)
{
	struct store_settings how = stored_settings(false);
	struct log_copier_figures figures;
	struct log_copier *copier;
	struct store *store;
	struct store_log log;
	struct err err;
	int64_t pages;
	int next = 0;

	(void)state;
	how.copies_elsewhere = true;
	assert_int_equal(store_open(&how, &store, &err), 0);
	assert_int_equal(log_copier_start(&how, &copier, &err), 0);
	pages = write_pages(store, MUCH, &next);
	assert_false(log_copier_tell(copier, pages));
	figures = wait_for_copies(copier, 1);
	assert_int_equal(figures.failed, 0);
	assert_int_equal(figures.log.copied, pages);
	/* What came meanwhile is the writer's to copy. */
	pages = write_pages(store, pages + 1, &next);
	asks_now_and_then(copier, pages);
	assert_int_equal(store_copy_log(store, &log, &err), 0);
	assert_int_equal(log.copied, pages);
	/* The log starts anew, and little of it waits for some seconds. */
	pages = write_pages(store, 1, &next);
	assert_true(pages < 100);
	assert_false(log_copier_tell(copier, pages));
	figures = wait_for_copies(copier, 2);
	assert_int_equal(figures.log.copied, pages);
	log_copier_stop(copier);
	store_close(store);
}

static void ends(void **state)
{
	struct store_settings how = stored_settings(false);
	struct log_copier *copier;
	struct err err;

	(void)state;
	assert_int_equal(log_copier_start(&how, &copier, &err), 0);
	log_copier_stop(copier);
	assert_int_equal(log_copier_start(&how, &copier, &err), 0);
	log_copier_tell(copier, 1);
	log_copier_stop(copier);
	log_copier_stop(NULL);
}

#define CASE(name, run) \
	test_add_around(&list, name, run, stored_set_up, stored_tear_down)

int main(void)
{
	struct test_list list = {0};

	CASE("much is copied at once, the rest by the writer, little later",
	    copies);
	CASE("it ends at once, with or without work", ends);
	return test_run("log_copier", &list);
}
