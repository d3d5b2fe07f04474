/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_LOG_H
#define EGRESS25_LIB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

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

/* For what may go wrong a thousand times a second: whether it is time to say
 * it again, LOG_PAUSE_US after it was said last. Start from zeroes; one for
 * each thread and each thing. */
#define LOG_PAUSE_US INT64_C(10000000)
struct log_limit {
	int64_t said_us; /* clock_mono_us(); 0: never */
	int64_t unsaid;  /* how often it was not said before it is due */
};
bool log_is_due(struct log_limit *limit, int64_t now_us);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
