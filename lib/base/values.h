/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_VALUES_H
#define EGRESS25_LIB_BASE_VALUES_H

/*
 * The values that a person writes in a configuration or on a command line,
 * from text. Errors are sentences that repeat the value; the caller adds the
 * place. `out` is untouched unless 0 is returned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* A whole number within [least, most], digits only. */
int values_parse_count(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* Seconds: "90", "90s", "10m", "12h", "30d". */
int values_parse_seconds(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* Bytes: "65536", "64k", "20M", "2G" (powers of 1024). */
int values_parse_bytes(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* A port of 1 to 65535 in exactly `length` digits. False: it is not one. */
bool values_read_port(const char *text, size_t length, uint16_t *port);

/* yes, no, on, off, true, false. */
int values_parse_bool(const char *text, bool *out, struct err *err);

/* The index of `word` in a list with blanks between ("auto always never");
 * -1: it is not there. */
int values_find_word(const char *list, const char *word);

/* "192.0.2.1:25", "[2001:db8::1]:25", "host:25", "2001:db8::1" or any of these
 * without a port, which is then 0. Brackets are taken off; what is left is an
 * address or a host name. */
int values_parse_host_port(
    const char *text, char host[256], uint16_t *port, struct err *err);

/* True for a domain name as DNS and SMTP allow it: labels of letters, digits,
 * '-' and '_', 63 at most, 253 in all (RFC 1035, 2.3.1), final dot allowed. A
 * last label of digits alone is none (RFC 3696, 2): that is a bad address. */
bool values_is_host_name(const char *text);

/* A name that a stranger's EHLO may bear (RFC 5321, 4.1.1.1): fully
 * qualified, and not the machine's name for itself. */
int values_check_fqdn(const char *text, struct err *err);

/* Name servers: "192.0.2.53", "[2001:db8::53]:53", blanks between. */
int values_check_servers(const char *text, struct err *err);

#endif
