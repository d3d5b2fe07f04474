/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_DUMPS_DUMP_DAYS_H
#define EGRESS25_COLLECTOR_DUMPS_DUMP_DAYS_H

/*
 * The files of whole UTC days, for who takes all: DIRECTORY/YYYY/MM/DD/ with
 * measurements, networks (as published at the day's end) and events in Parquet
 * and CSV.gz, the list of endpoints, datapackage.json (Frictionless Data
 * Package) and SHA256SUMS. A day gets its name once all of it is on disk, and
 * stays as it is; where its rows changed, a version stands beside it. One
 * process at a time writes to a directory, which several may share.
 */

#include "collector/store/store.h"
#include "lib/config/endpoints.h"

struct dump_job {
	const char *directory;
	struct store *store;
	const struct endpoint_list *endpoints;
	int64_t since_ms, until_ms; /* days that begin in it; 0: no bound */
	int64_t keep_ms;            /* how long rows are stored; 0: for ever */
	/* How many of the last closed days there are to be, in ms. 0: all. */
	int64_t keep_days_ms;
	bool removes;  /* the days before those */
	bool again;    /* a new version of a day whose rows changed */
	bool is_quiet; /* no line on the terminal */
};

/* Write the closed days that are asked for and not there yet, but none of which
 * rows are too old to be stored any more. *until_ms: the end of the last closed
 * day; 0: none is closed, and `serve` does it after midnight. 0, -EBUSY:
 * another process writes there, -ECANCELED: the store was interrupted, or
 * -errno. */
int dump_days_write(
    const struct dump_job *job, int64_t *until_ms, struct err *err);

#endif
