/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_LOG_H
#define EGRESS25_LIB_LOG_H

/* One line on stderr a call: "program: sentence". Levels as sd-daemon(3) has
 * them: where JOURNAL_STREAM is set, the line starts with <N> instead. */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Until this is called the program's name is "egress25" and INFO is shown. */
void log_setup(const char *program, enum log_level shown);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
