/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the store costs: reports of 60 probes written in groups of 1, 10 and
 * 100, each group synced, then what readers ask of the result. Prints one line
 * a figure. Argument: how many reports are written in groups of 100 (20000).
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/fleet/networks.h"
#include "collector/store/sqlite/sqlite_engine.h"
#include "collector/store/store.h"
#include "lib/base/clock.h"
#include "tests/bench/reports.h"

#define FIRST_MS  INT64_C(1795521600000) /* 2026-11-24T12:00:00Z */
#define GROUP_MAX 100

struct bench {
	char folder[64];
	struct store_settings settings;
	struct store *store;
	struct measurement (*rows)[REPORTS_ROWS]; /* GROUP_MAX reports' */
	struct store_report reports[GROUP_MAX];
	bool duplicates[GROUP_MAX];
	size_t seen;
};

static void must(int error, const struct err *err)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench_store: %s\n", err->text);
	exit(1);
}

static int64_t cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		   INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void open_new(struct bench *bench)
{
	struct err err;

	strcpy(bench->folder, "bench-store-XXXXXX");
	if (mkdtemp(bench->folder) == NULL) {
		perror("bench_store");
		exit(1);
	}
	snprintf(bench->settings.path, sizeof(bench->settings.path),
	    "%s/collector.db", bench->folder);
	bench->settings.engine = &sqlite_engine;
	bench->settings.read_only = false;
	must(store_open(&bench->settings, &bench->store, &err), &err);
}

static void remove_it(struct bench *bench)
{
	DIR *folder = opendir(bench->folder);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	rmdir(bench->folder);
}

static int compare_us(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Making the rows is not measured. */
static void write_all(struct bench *bench, size_t group, size_t nreports)
{
	int64_t began_us, wall = 0, cpu = 0, began_cpu_us;
	int64_t *took = calloc(nreports / group + 1, sizeof(*took));
	size_t number, slot, ngroups = 0;
	struct stat status;
	struct err err;

	if (took == NULL)
		exit(1);
	for (number = 0; number < nreports; number += group) {
		for (slot = 0; slot < group; slot++)
			reports_fill(&bench->reports[slot], bench->rows[slot],
			    number + slot,
			    FIRST_MS + (int64_t)(number + slot) * 100);
		began_us = clock_mono_us();
		began_cpu_us = cpu_us();
		must(store_write(bench->store, bench->reports, group,
			 bench->duplicates, &err),
		    &err);
		cpu += cpu_us() - began_cpu_us;
		took[ngroups] = clock_mono_us() - began_us;
		wall += took[ngroups++];
	}
	began_us = clock_mono_us();
	store_close(bench->store);
	wall += clock_mono_us() - began_us;
	qsort(took, ngroups, sizeof(*took), compare_us);
	stat(bench->settings.path, &status);
	printf("groups of %3zu: %8.0f rows/s, %5.2f us CPU a row, %4.0f bytes "
	       "a row on disk, a group %.1f ms, p99 %.1f ms\n",
	    group, (double)(number * REPORTS_ROWS) * 1e6 / (double)wall,
	    (double)cpu / (double)(number * REPORTS_ROWS),
	    (double)status.st_size / (double)(number * REPORTS_ROWS),
	    (double)took[ngroups / 2] / 1e3,
	    (double)took[ngroups * 99 / 100] / 1e3);
	free(took);
}

static int see_row(void *arg, const struct measurement *row)
{
	(void)row;
	((struct bench *)arg)->seen++;
	return 0;
}

static int see_verdict(void *arg, const struct networks_judged *judged)
{
	(void)judged;
	((struct bench *)arg)->seen++;
	return 0;
}

static void page(
    struct bench *bench, const char *what, const struct row_filter *filter)
{
	struct store_page page = {.limit = 1000, .newest_first = true};
	int64_t began_us = clock_mono_us();
	struct err err;

	bench->seen = 0;
	must(store_measurements(
		 bench->store, filter, &page, see_row, bench, &err),
	    &err);
	printf("the newest %4zu rows %s: %.1f ms\n", bench->seen, what,
	    (double)(clock_mono_us() - began_us) / 1e3);
}

static void decide(struct bench *bench)
{
	int64_t began_us = clock_mono_us();
	struct judge judge;
	struct err err;

	bench->seen = 0;
	must(networks_learn(bench->store, FIRST_MS + 86400000, &judge,
		 see_verdict, bench, &err),
	    &err);
	judge_free(&judge);
	printf("the verdict over %zu networks, %d vantage points: %.1f ms\n",
	    bench->seen, REPORTS_AGENTS,
	    (double)(clock_mono_us() - began_us) / 1e3);
}

static void read_all(struct bench *bench)
{
	int64_t began_us = clock_mono_us();
	struct store_totals totals;
	struct row_filter filter;
	struct err err;

	bench->settings.read_only = true;
	must(store_open(&bench->settings, &bench->store, &err), &err);
	must(store_totals(bench->store, &totals, &err), &err);
	printf("opened and counted %lld rows: %.1f ms\n",
	    (long long)totals.measurements,
	    (double)(clock_mono_us() - began_us) / 1e3);
	row_filter_init(&filter);
	page(bench, "of all", &filter);
	filter.has_asn = true;
	filter.asn = 64500;
	page(bench, "of one network", &filter);
	row_filter_init(&filter);
	filter.outcome = OUTCOME_LOCAL;
	page(bench, "of an outcome that is rare", &filter);
	decide(bench);
	store_close(bench->store);
}

int main(int argc, char **argv)
{
	size_t nreports = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	struct bench bench = {.folder = ""};
	size_t group;

	bench.rows = calloc(GROUP_MAX, sizeof(*bench.rows));
	if (bench.rows == NULL)
		return 1;
	for (group = 1; group <= GROUP_MAX; group *= 10) {
		open_new(&bench);
		write_all(
		    &bench, group, group == GROUP_MAX ? nreports : 500 * group);
		if (group == GROUP_MAX)
			read_all(&bench);
		remove_it(&bench);
	}
	free(bench.rows);
	return 0;
}
