/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONF_H
#define EGRESS25_LIB_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/values.h"

/*
 * One table of typed options drives parsing, defaults, the sample file and
 * the man page's check. Settings are one plain struct without pointers: a row
 * names the field by its offset, so that a reload reads into a fresh struct
 * and replaces the old one as a whole or not at all.
 */
enum conf_type {
	CONF_STRING, /* char[size] */
	CONF_PATH,   /* char[size], a file name */
	CONF_COUNT,  /* int64_t, within least and most */
	CONF_S,      /* int64_t seconds; the file may say 90, 10m, 12h, 30d */
	CONF_BYTES,  /* int64_t bytes; the file may say 64k, 20M, 2G */
	CONF_BOOL,   /* bool; yes, no, on, off, true, false */
	CONF_CHOICE, /* int: the index in `choices` */
	CONF_LISTEN, /* char[size]: "ADDRESS:PORT" or "[ADDRESS]:PORT" */
	CONF_PORTS,  /* struct port_list */
};

struct conf_option {
	const char *section, *key; /* section NULL ends the table */
	enum conf_type type;
	size_t offset, size;
	const char *fallback; /* as the file would say it */
	const char *choices;  /* CONF_CHOICE: "sqlite clickhouse" */
	int64_t least, most;  /* COUNT, S, BYTES */
	const char *help;     /* one line for the sample and the man page */
};

/* Called for every "key = value" of an INI file, in its order. */
typedef int conf_visit(void *arg, const char *section, const char *key,
    const char *value, struct err *err);

/* Walk an INI file (libinih's dialect). A line that is not INI, is longer
 * than 4,000 bytes or holds a NUL, or an error from `visit`, ends the walk
 * with "file:line: sentence". */
int conf_walk(const char *path, conf_visit *visit, void *arg, struct err *err);

/* Set every field to its fallback. A fallback that does not parse is a bug in
 * the table and said as an error. */
int conf_defaults(
    const struct conf_option *options, void *settings, struct err *err);

/* Defaults, then the file. An unknown section or key, a bad value or a
 * duplicate is an error with file and line; `settings` is then unchanged. */
int conf_read(const char *path, const struct conf_option *options,
    size_t settings_size, void *settings, struct err *err);

/* The whole configuration as a commented sample file. */
void conf_print_sample(const struct conf_option *options, FILE *out);

#endif
