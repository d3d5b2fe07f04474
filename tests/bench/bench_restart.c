/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench_restart DATABASE ROWS DAYS: fill a database with so many rows of the
 * last so many days. Prints what it took, and how far it is on a terminal.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/store/sqlite/sqlite_engine.h"
#include "lib/base/clock.h"
#include "tests/bench/reports.h"

#define GROUP 500

static struct store_report reports[GROUP];
static struct measurement rows[GROUP][REPORTS_ROWS];
static bool duplicates[GROUP];

static void tell(size_t done, size_t all)
{
	if (isatty(STDERR_FILENO) && done % (GROUP * 20) == 0)
		fprintf(stderr, "\r%zu of %zu million rows\033[K",
		    done * REPORTS_ROWS / 1000000,
		    all * REPORTS_ROWS / 1000000);
}

static int fill(struct store *store, size_t count, int days, struct err *err)
{
	int64_t step_ms = days * INT64_C(86400000) / (int64_t)count;
	int64_t first_ms = clock_wall_ms() - step_ms * (int64_t)count;
	size_t number, slot;
	int error = 0;

	for (number = 0; error == 0 && number < count; number += GROUP) {
		for (slot = 0; slot < GROUP; slot++)
			reports_fill(&reports[slot], rows[slot], number + slot,
			    first_ms + step_ms * (int64_t)(number + slot));
		error = store_write(store, reports, GROUP, duplicates, err);
		tell(number, count);
	}
	return error;
}

int main(int argc, char **argv)
{
	struct store_settings settings = {.engine = &sqlite_engine};
	int64_t began_us = clock_mono_us();
	struct store_totals totals;
	struct store *store;
	struct stat status;
	struct err err;
	int error;

	if (argc != 4)
		return 2;
	snprintf(settings.path, sizeof(settings.path), "%s", argv[1]);
	error = store_open(&settings, &store, &err);
	if (error == 0)
		error = fill(store,
		    strtoul(argv[2], NULL, 10) / REPORTS_ROWS / GROUP * GROUP +
			GROUP,
		    atoi(argv[3]), &err);
	if (error == 0)
		error = store_totals(store, &totals, &err);
	if (error < 0) {
		fprintf(stderr, "\nbench_restart: %s\n", err.text);
		return 1;
	}
	store_close(store);
	stat(settings.path, &status);
	fprintf(stderr, isatty(STDERR_FILENO) ? "\r\033[K" : "");
	printf("%lld rows in %lld reports, %lld MB, written in %.0f s\n",
	    (long long)totals.measurements, (long long)totals.reports,
	    (long long)status.st_size >> 20,
	    (double)(clock_mono_us() - began_us) / 1e6);
	return 0;
}
