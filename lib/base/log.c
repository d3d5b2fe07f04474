/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/text.h"

#define LINE_SIZE 1024

/* Set once, before there are threads. */
static struct {
	const char *program;
	enum log_level shown;
	bool journal;
} log_state = {"egress25", LOG_LEVEL_INFO, false};

static const int syslog_priority[] = {
    [LOG_LEVEL_ERROR] = 3,
    [LOG_LEVEL_WARN] = 4,
    [LOG_LEVEL_INFO] = 6,
    [LOG_LEVEL_DEBUG] = 7,
};

/* The variable is inherited, so stderr must really be the stream that it names
 * (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream != NULL &&
	       sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

void log_setup(const char *program, enum log_level shown)
{
	log_state.program = program;
	log_state.shown = shown;
	log_state.journal = stderr_is_journal();
}

/* Text from a peer or a file must not start a line, move the cursor or turn the
 * direction of writing. */
static void make_one_line(char *text)
{
	char *begin = text;

	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = ' ';
	text_make_plain(begin);
}

__attribute__((format(printf, 2, 0))) static void say(
    enum log_level level, const char *format, va_list args)
{
	char line[LINE_SIZE];
	size_t room = sizeof(line) - 1; /* for the line end */
	size_t start, length;

	if (level > log_state.shown)
		return;
	if (log_state.journal)
		snprintf(line, room, "<%d>", syslog_priority[level]);
	else
		snprintf(line, room, "%.64s: ", log_state.program);
	for (start = 0; line[start] != '\0'; start++)
		;
	vsnprintf(line + start, room - start, format, args);
	make_one_line(line + start);
	length = start + strlen(line + start);
	line[length++] = '\n';
	/* A single write, so that lines of two threads do not interleave. */
	if (write(STDERR_FILENO, line, length) < 0)
		return;
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_WARN, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

bool log_is_due(struct log_limit *limit, int64_t now_us)
{
	if (limit->said_us != 0 && now_us - limit->said_us < LOG_PAUSE_US) {
		limit->unsaid++;
		return false;
	}
	limit->said_us = now_us;
	return true;
}
