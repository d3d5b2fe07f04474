/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/config/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/values.h"
#include "lib/config/port_list.h"

#define LINE_MAX_BYTES 4000
#define FILE_MAX_BYTES (16 << 20)
#define SECTION_SIZE   50
#define BLANKS         " \t"

struct walk {
	const struct conf_text *text;
	int line;
	char section[SECTION_SIZE];
	conf_visit *visit;
	void *arg;
	struct err *err;
	int rc; /* once it is not 0 nothing more is visited */
};

/* The sentence is in walk->err; put the place before it. */
static void fail(struct walk *walk, int rc)
{
	err_prefix(walk->err, "%s:%d", walk->text->name, walk->line);
	walk->rc = rc;
}

static void visit(struct walk *walk, const char *key, const char *value)
{
	const struct conf_line line = {walk->section, key, value, walk->line};
	int rc = walk->visit(walk->arg, &line, walk->err);

	if (rc != 0)
		fail(walk, rc);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t trimmed_length(const char *text, size_t length)
{
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	return length;
}

/* Without LF or CR LF, and without blanks before them. */
static size_t line_length(const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	return trimmed_length(line, length);
}

static int check_bytes(const char *line, size_t length, struct err *err)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (line[i] == '\0')
			return err_input(err, "a NUL byte is in this line");
		if (line[i] != '\t' &&
		    ((unsigned char)line[i] < 0x20 || line[i] == 0x7f))
			return err_input(err,
			    "a control character (%d) is in this line",
			    line[i]);
	}
	return 0;
}

/* "[name]", perhaps with a comment after it. */
static void read_heading(struct walk *walk, const char *line)
{
	static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789._-";
	const char *name = line + 1, *rest;
	size_t n = strspn(name, name_chars);
	int rc = 0;

	rest = name + n + 1;
	if (n == 0 || name[n] != ']')
		rc = err_input(walk->err,
		    "a section is [NAME], of letters, digits, '.', '_', '-'");
	else if (n >= SECTION_SIZE)
		rc = err_input(walk->err,
		    "a section's name is longer than %d characters",
		    SECTION_SIZE - 1);
	else if (*rest != '\0' &&
		 (!is_blank(*rest) || rest[strspn(rest, BLANKS)] != ';'))
		rc = err_input(
		    walk->err, "something stands behind [%.*s]", (int)n, name);
	if (rc != 0) {
		fail(walk, rc);
		return;
	}
	memcpy(walk->section, name, n);
	walk->section[n] = '\0';
	visit(walk, NULL, NULL);
}

/* Where the text ends: at one of `ends`, or where a comment begins, which is a
 * ';' after a blank. */
static char *find_end(char *text, const char *ends)
{
	char before = '\0';

	while (*text != '\0' && strchr(ends, *text) == NULL &&
	       !(*text == ';' && is_blank(before)))
		before = *text++;
	return text;
}

/* "key = value" or "key: value". */
static void read_pair(struct walk *walk, char *key)
{
	char *end = find_end(key, "=:"), *value = end;
	int rc = 0;

	if (*end != '=' && *end != ':')
		rc = err_input(
		    walk->err, "this is neither KEY = VALUE nor [SECTION]");
	else if (*walk->section == '\0')
		rc = err_input(
		    walk->err, "a key stands before the first [SECTION]");
	else if (end == key)
		rc = err_input(walk->err, "no key is before the '='");
	if (rc != 0) {
		fail(walk, rc);
		return;
	}
	*find_end(++value, "") = '\0';
	value += strspn(value, BLANKS);
	value[trimmed_length(value, strlen(value))] = '\0';
	key[trimmed_length(key, (size_t)(end - key))] = '\0';
	visit(walk, key, value);
}

static void read_line(struct walk *walk, const char *line, size_t length)
{
	char copy[LINE_MAX_BYTES + 1];
	int rc;

	if (walk->line == 1 && length >= 3 &&
	    memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		length -= 3;
	}
	length = line_length(line, length);
	rc = check_bytes(line, length, walk->err);
	memcpy(copy, line, length);
	copy[length] = '\0';
	if (rc != 0) {
		fail(walk, rc);
	} else if (strchr(";#", copy[strspn(copy, BLANKS)]) != NULL) {
		/* A comment, or nothing. */
	} else if (is_blank(*copy)) {
		fail(walk,
		    err_input(walk->err,
			"an indented line: a value must stand on one line"));
	} else if (*copy == '[') {
		read_heading(walk, copy);
	} else {
		read_pair(walk, copy);
	}
}

int conf_walk_text(const struct conf_text *text, conf_visit *visitor, void *arg,
    struct err *err)
{
	struct walk walk = {
	    .text = text,
	    .line = 1,
	    .visit = visitor,
	    .arg = arg,
	    .err = err,
	};
	size_t at = 0, length;
	const char *end;

	for (; walk.rc == 0 && at < text->length; at += length, walk.line++) {
		end = memchr(text->bytes + at, '\n', text->length - at);
		length = end == NULL ? text->length - at
				     : (size_t)(end + 1 - (text->bytes + at));
		if (length > LINE_MAX_BYTES)
			fail(&walk,
			    err_input(err, "this line is longer than %d bytes",
				LINE_MAX_BYTES));
		else
			read_line(&walk, text->bytes + at, length);
	}
	return walk.rc;
}

/* The whole file, or as much as shows that it is too long. */
static int read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *room;
	int error = 0;

	if (file == NULL)
		return err_input(err, "%s: %s", path, strerror(errno));
	while (error == 0 && !feof(file) && out->length <= FILE_MAX_BYTES) {
		room = buf_reserve(out, 65536);
		if (room == NULL)
			break;
		errno = 0;
		out->length += fread(room, 1, 65536, file);
		if (ferror(file))
			error = errno != 0 ? errno : EIO;
	}
	fclose(file);
	if (out->failed)
		return err_system(err, -ENOMEM, "%s", path);
	if (error != 0)
		return err_input(err, "%s: %s", path, strerror(error));
	if (out->length > FILE_MAX_BYTES)
		return err_input(
		    err, "%s: larger than %d MiB", path, FILE_MAX_BYTES >> 20);
	return 0;
}

int conf_walk(const char *path, conf_visit *visitor, void *arg, struct err *err)
{
	struct buf bytes = {0};
	struct conf_text text;
	int rc = read_file(path, &bytes, err);

	if (rc == 0) {
		text = (struct conf_text){path, bytes.data, bytes.length};
		rc = conf_walk_text(&text, visitor, arg, err);
	}
	buf_free(&bytes);
	return rc;
}

static int set_string(const struct conf_option *option, void *field,
    const char *text, struct err *err)
{
	size_t length = strlen(text);
	int rc = 0;

	if (length >= option->size)
		return err_input(
		    err, "more than %d characters", option->size - 1);
	if (option->check != NULL && length > 0)
		rc = option->check(text, err);
	if (rc != 0)
		return rc;
	memset(field, 0, option->size);
	memcpy(field, text, length);
	return 0;
}

static int set_listen(const struct conf_option *option, void *field,
    const char *text, struct err *err)
{
	char host[256];
	struct addr addr;
	uint16_t port;

	if (values_parse_host_port(text, host, &port, NULL) != 0 || port == 0 ||
	    !addr_parse(&addr, host))
		return err_input(
		    err, "'%.80s' is no ADDRESS:PORT or [ADDRESS]:PORT", text);
	return set_string(option, field, text, err);
}

static int set_option(const struct conf_option *option, void *settings,
    const char *text, struct err *err)
{
	void *field = (char *)settings + option->offset;

	switch (option->type) {
	case CONF_STRING:
	case CONF_PATH:
		return set_string(option, field, text, err);
	case CONF_COUNT:
		return values_parse_count(
		    text, option->least, option->most, field, err);
	case CONF_S:
		return values_parse_seconds(
		    text, option->least, option->most, field, err);
	case CONF_BYTES:
		return values_parse_bytes(
		    text, option->least, option->most, field, err);
	case CONF_BOOL:
		return values_parse_bool(text, field, err);
	case CONF_CHOICE:
		return values_parse_choice(text, option->choices, field, err);
	case CONF_LISTEN:
		return set_listen(option, field, text, err);
	case CONF_PORTS:
		return port_list_parse(text, field, err);
	}
	return err_input(err, "an option of no type");
}

int conf_defaults(
    const struct conf_option *options, void *settings, struct err *err)
{
	int rc;

	for (; options->section != NULL; options++) {
		rc = set_option(options, settings, options->fallback, err);
		if (rc != 0) {
			err_prefix(err, "default of %s in [%s]", options->key,
			    options->section);
			return rc;
		}
	}
	return 0;
}

struct reading {
	const struct conf_option *options;
	void *settings;
	int *lines; /* an option, the line it was set on; 0: not yet */
};

static bool has_section(const struct conf_option *options, const char *section)
{
	for (; options->section != NULL; options++)
		if (strcmp(options->section, section) == 0)
			return true;
	return false;
}

static int take_line(void *arg, const struct conf_line *line, struct err *err)
{
	struct reading *reading = arg;
	const struct conf_option *option;
	int *set_on;
	int rc;

	if (!has_section(reading->options, line->section))
		return err_input(err, "unknown section [%s]", line->section);
	if (line->key == NULL)
		return 0;
	for (option = reading->options; option->section != NULL; option++)
		if (strcmp(option->section, line->section) == 0 &&
		    strcmp(option->key, line->key) == 0)
			break;
	if (option->section == NULL)
		return err_input(err, "unknown key '%.80s' in [%s]", line->key,
		    line->section);
	set_on = &reading->lines[option - reading->options];
	if (*set_on != 0)
		return err_input(
		    err, "%s is set on line %d already", line->key, *set_on);
	*set_on = line->number;
	rc = set_option(option, reading->settings, line->value, err);
	if (rc != 0)
		err_prefix(err, "%s", option->key);
	return rc;
}

static size_t count_options(const struct conf_option *options)
{
	size_t n = 0;

	while (options[n].section != NULL)
		n++;
	return n;
}

int conf_read_text(const struct conf_text *text,
    const struct conf_option *options, size_t settings_size, void *settings,
    struct err *err)
{
	struct reading reading = {.options = options};
	int rc = -ENOMEM;

	reading.lines = calloc(count_options(options) + 1, sizeof(int));
	reading.settings = calloc(1, settings_size);
	if (reading.lines == NULL || reading.settings == NULL) {
		err_system(err, rc, "%s", text->name);
		goto out;
	}
	rc = conf_defaults(options, reading.settings, err);
	if (rc == 0)
		rc = conf_walk_text(text, take_line, &reading, err);
	if (rc == 0)
		memcpy(settings, reading.settings, settings_size);
out:
	free(reading.lines);
	free(reading.settings);
	return rc;
}

int conf_read(const char *path, const struct conf_option *options,
    size_t settings_size, void *settings, struct err *err)
{
	struct buf bytes = {0};
	struct conf_text text;
	int rc = read_file(path, &bytes, err);

	if (rc == 0) {
		text = (struct conf_text){path, bytes.data, bytes.length};
		rc = conf_read_text(
		    &text, options, settings_size, settings, err);
	}
	buf_free(&bytes);
	return rc;
}

void conf_print_sample(const struct conf_option *options, struct buf *out)
{
	const char *section = "";

	for (; options->section != NULL; options++) {
		if (strcmp(section, options->section) != 0)
			buf_printf(out, "%s[%s]\n", *section ? "\n" : "",
			    options->section);
		section = options->section;
		buf_printf(out, "; %s", options->help);
		if (options->type == CONF_CHOICE)
			buf_printf(out, " (one of: %s)", options->choices);
		buf_printf(out, "\n;%s =%s%s\n", options->key,
		    *options->fallback ? " " : "", options->fallback);
	}
}
