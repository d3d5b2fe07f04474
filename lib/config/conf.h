/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_CONFIG_CONF_H
#define EGRESS25_LIB_CONFIG_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * One table of typed options drives parsing, defaults, the sample file and
 * the man page's check. Settings are one plain struct without pointers, and a
 * row names its field by offset. A reload fills a fresh struct, which replaces
 * the old one as a whole or not at all.
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
	uint16_t offset, size;
	const char *fallback; /* as written in a file */
	const char *choices;  /* CONF_CHOICE: "sqlite clickhouse" */
	int64_t least, most;  /* COUNT, S, BYTES */
	const char *help;     /* one line for the sample and the man page */
	/* STRING, PATH: checks text other than "". Optional. */
	int (*check)(const char *text, struct err *err);
};

/* A line that is not blank or a comment: "key = value", or the heading of a
 * section, whose key and value are NULL. Valid until the visit returns. */
struct conf_line {
	const char *section, *key, *value;
	int number; /* from 1 */
};

/* Called for every such line in order. If it does not return 0 the walk ends,
 * and "file:line: " is prepended to its message. */
typedef int conf_visit(
    void *arg, const struct conf_line *line, struct err *err);

/* An INI file in memory. */
struct conf_text {
	const char *name; /* for messages */
	const char *bytes;
	size_t length;
};

/*
 * Walk an INI file: [SECTION], "key = value" or "key: value", comments after
 * ';' or '#' at the start of a line and after a ';' that follows a blank. A
 * value stands on one line, and a key in a section. Anything else, a line of
 * more than 4,000 bytes, a control character, a file that cannot be read, or an
 * error from `visit` ends the walk with "file:line: sentence". All of these
 * are -EINVAL: the input is wrong.
 */
int conf_walk(const char *path, conf_visit *visit, void *arg, struct err *err);
int conf_walk_text(const struct conf_text *text, conf_visit *visit, void *arg,
    struct err *err);

/* Set every field to its fallback. -EINVAL if one does not parse, which is a
 * bug in the table. */
int conf_defaults(
    const struct conf_option *options, void *settings, struct err *err);

/* Set the defaults, then read the file. An unknown section or key, a bad value
 * or a duplicate is an error with file and line; `settings` is unchanged unless
 * 0 is returned. */
int conf_read(const char *path, const struct conf_option *options,
    size_t settings_size, void *settings, struct err *err);
int conf_read_text(const struct conf_text *text,
    const struct conf_option *options, size_t settings_size, void *settings,
    struct err *err);

/* Append a sample file with every option, its help and its fallback. */
void conf_print_sample(const struct conf_option *options, struct buf *out);

#endif
