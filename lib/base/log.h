/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_LOG_H
#define EGRESS25_LIB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Each call writes one line to stderr: "PROGRAM: message", or, if stderr is the
 * systemd journal (JOURNAL_STREAM), "<N>message" with the level N of
 * sd-daemon(3). */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* Set the program's name and the least important level that is shown. Call it
 * before starting threads; the defaults are "egress25" and INFO. */
void log_setup(const char *program, enum log_level shown);

/* Limits a message that may come a thousand times a second to one every
 * LOG_PAUSE_US. Zero-initialise it; one per thread and message. */
#define LOG_PAUSE_US INT64_C(10000000)
struct log_limit {
	int64_t said_us; /* clock_mono_us() of the last one; 0: never */
	int64_t unsaid;  /* suppressed since then */
};

/* True if the message may be logged now; false counts it as suppressed. */
bool log_is_due(struct log_limit *limit, int64_t now_us);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
