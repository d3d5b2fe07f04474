/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_STORE_STORE_H
#define EGRESS25_COLLECTOR_STORE_STORE_H

/*
 * The database of the collector, whatever engine is behind it. A handle belongs
 * to one thread: open one for writing, and others, read-only, to read. Failures
 * are -errno with a sentence in `err`: -EINVAL is wrong input, -ENOENT a row
 * that is not there. What visitors return is passed through (row.h).
 */

#include "collector/record/filter.h"
#include "collector/record/network.h"
#include "collector/record/row.h"
#include "collector/store/store_report.h"
#include "collector/store/store_settings.h"
#include "lib/base/err.h"

struct store;

/* Open a handle. Opening a database file for writing creates or upgrades the
 * tables; those of a cluster are made by command. 0, or -errno; -EINVAL:
 * another program's database, or another version. */
int store_open(const struct store_settings *settings, struct store **store,
    struct err *err);

/* NULL is allowed. */
void store_close(struct store *store);

/* Make all reads of this handle, now and later, end with -ECANCELED unless they
 * are about to end. For read-only handles; from any thread. */
void store_interrupt(struct store *store);

/*
 * Store reports with their rows and rollups in one transaction, which is
 * synced, or as many servers have it as are configured, when this returns 0.
 * After a failure nothing of it is stored, but for -EAGAIN: it is not known
 * what became of it, and the caller lets the same be sent again. A row is known
 * by its agent, report and number, and counts once however often it is sent,
 * through whichever collector. Rows that are not attributed or have no
 * diagnosis make no rollup.
 *
 * A report that is stored already (in an import: a row) changes nothing, and
 * sets its element of `duplicate`. So does an imported report that is older
 * than what store_expire() has removed, since it may have been stored before;
 * from an agent such a report is -EINVAL. Of a report that an import brought in
 * part its agent adds the rest. -EEXIST: another report of that id is stored,
 * of the same agent or another. -EBADMSG: the database is damaged there.
 */
int store_write(struct store *store, const struct store_report *reports,
    size_t count, bool *duplicate, struct err *err);

/* The same, but a report that is wrong input, whose id another report has, or
 * for which the database is damaged is skipped and flagged as refused, so that
 * it does not hold up the others. */
int store_write_valid(struct store *store, const struct store_report *reports,
    size_t count, const struct store_flags *flags, struct err *err);

/* One page of a list. */
struct store_page {
	char cursor[ROW_CURSOR_SIZE]; /* in: where to begin, "" at the start;
					 out: where to go on, "" at the end */
	size_t limit;
	bool newest_first;
	int64_t until_us; /* clock_mono_us() at which a page ends as it is,
			     perhaps empty, with a cursor; 0: no end */
};

/* Visit measurements by time. A page advances by one report at least, however
 * little time it has. -EINVAL: the cursor is not one of ours. */
int store_measurements(struct store *store, const struct row_filter *filter,
    struct store_page *page, measurement_visit *visit, void *arg,
    struct err *err);

/* Visit the rows of one report, in their order; `id` is its UUID as text.
 * -ENOENT: there is none. */
int store_report_rows(struct store *store, const char *id,
    measurement_visit *visit, void *arg, struct err *err);

/* Visit rollup rows by asn, family, port, day, and then all their other keys,
 * so that equal contents are always visited in the same order. The filter's
 * `outcome` is ignored. `page` NULL: all of them; else it advances by a day of
 * a network at least, or by a network that has none of what is asked for. */
int store_rollups(struct store *store, const struct row_filter *filter,
    struct rollup_page *page, rollup_visit *visit, void *arg, struct err *err);

/* Visit each agent, by name, with the day of its first rollup row. */
int store_first_days(
    struct store *store, rollup_first_visit *visit, void *arg, struct err *err);

/* What is known of an ASN. After -ENOENT `network` holds the ASN alone. */
int store_network(struct store *store, uint32_t asn,
    struct network_info *network, struct err *err);

/* Annotate an ASN: of a kind the newest annotation is kept, and what is said
 * later in the same ms. One without text removes it. */
int store_annotate(struct store *store, uint32_t asn,
    const struct annotation *annotation, struct err *err);

/* Visit all annotations by ASN; anything but 0 ends the list, and is what this
 * returns. */
typedef int annotation_visit(
    void *arg, uint32_t asn, const struct annotation *annotation);
int store_annotations(
    struct store *store, annotation_visit *visit, void *arg, struct err *err);

/* Counts over everything. */
struct store_totals {
	int64_t reports, measurements, agents, networks;
	int64_t first_ms, last_ms; /* of measurements; 0: there are none */
};

int store_totals(
    struct store *store, struct store_totals *totals, struct err *err);

#endif
