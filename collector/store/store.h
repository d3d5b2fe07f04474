/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_H
#define EGRESS25_COLLECTOR_STORE_STORE_H

/*
 * Where rows live: one interface, an engine behind it. A store handle belongs
 * to one thread; open one to write and others, read-only, to read. Errors are
 * our own failures (-errno) with a sentence; a row that is not there is
 * -ENOENT.
 */

#include "collector/record/filter.h"
#include "collector/record/network.h"
#include "lib/base/err.h"
#include "lib/report/report.h"

struct store_settings {
	const struct store_engine *engine;
	char path[512]; /* sqlite: the database file */
	bool read_only;
	int busy_ms; /* wait for another writer; 0: 10 s */
	/* Somebody calls store_copy_log() often: a commit then copies the log
	 * back only where that falls far behind. */
	bool copies_elsewhere;
};

struct store;

/* Open; a writer makes or upgrades the tables. A database of a newer version
 * is -EINVAL. */
int store_open(const struct store_settings *settings, struct store **store,
    struct err *err);
void store_close(struct store *store);

/* From any thread: what this handle reads, now or later, ends with -ECANCELED,
 * unless it is over soon. */
void store_interrupt(struct store *store);

/* One report that was accepted, with its rows. */
struct store_report {
	char id[REPORT_ID_SIZE];
	char agent_id[REPORT_AGENT_SIZE]; /* "": an import */
	int64_t received_ms;
	const struct measurement *rows; /* borrowed */
	size_t nrows;
	const char *signed_body; /* kept if not NULL; borrowed */
	size_t signed_body_length;
};

/*
 * Store reports, rows and rollups in one transaction that is synced when this
 * returns 0; otherwise nothing of it is stored. A report (of an import: a
 * row) that is there already changes nothing and sets its `duplicate`. One that
 * is older than what store_expire() has removed may have been there: of an
 * import it is a duplicate too, of an agent it is wrong input.
 * Unattributed rows and rows without a diagnosis make no rollup.
 */
int store_write(struct store *store, const struct store_report *reports,
    size_t count, bool *duplicate, struct err *err);

/* What became of reports: an element of each array for each of them. */
struct store_marks {
	bool *duplicate;
	bool *refused; /* NULL: wrong input is an error */
};

/* The same, but a report that store_write() would call wrong input is passed
 * over and marked, so that one cannot hold up the others. */
int store_write_good(struct store *store, const struct store_report *reports,
    size_t count, const struct store_marks *marks, struct err *err);

/* Where a listing goes on: opaque text, "" at its start and at its end. */
struct store_page {
	char cursor[ROW_CURSOR_SIZE]; /* in: where from; out: where next */
	size_t limit;
	bool newest_first;
};

/* Measurements by time. A cursor that is none of ours is -EINVAL. */
int store_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, measurement_visit *visit, void *arg,
    struct err *err);

/* Rollups ordered by asn, family, port, then all other keys, so that equal
 * contents are listed in equal order. `outcome` does not filter here. */
int store_rollups(struct store *store, const struct row_filter *filter,
    rollup_visit *visit, void *arg, struct err *err);

/* -ENOENT: nothing is known of that ASN. */
int store_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err);
int store_annotate(
    struct store *store, uint32_t asn, const char *text, struct err *err);

/* Counts for the summary and the metrics. */
struct store_totals {
	int64_t reports, measurements, agents, networks;
	int64_t first_ms, last_ms; /* of measurements; 0: none */
};
int store_totals(
    struct store *store, struct store_totals *totals, struct err *err);

#endif
