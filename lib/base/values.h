/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_VALUES_H
#define EGRESS25_LIB_BASE_VALUES_H

/*
 * Parsing of values from a configuration file or a command line. All return 0,
 * or -EINVAL with a message that quotes the value; the caller prepends the
 * place. Outputs are unchanged unless 0 is returned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* Parse a whole number within [least, most], digits only. */
int values_parse_count(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* Parse a duration within [least, most] seconds: "90", "90s", "10m", "12h",
 * "30d". */
int values_parse_seconds(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* Parse a size within [least, most] bytes: "65536", "64k", "20M", "2G" (powers
 * of 1024). */
int values_parse_bytes(const char *text, int64_t least, int64_t most,
    int64_t *out, struct err *err);

/* Read a whole number within [least, most] at `*text`, with a '-' only where
 * `least` is below 0, and the character `end` after it; `*text` is then behind
 * that, and stays on a final '\0'. Nothing is changed unless true is
 * returned. */
bool values_read_number(
    const char **text, char end, int64_t least, int64_t most, int64_t *out);

/* Parse a port of 1 to 65535 in exactly `length` characters. False: not one. */
bool values_read_port(const char *text, size_t length, uint16_t *port);

/* Parse yes, no, on, off, true or false. */
int values_parse_bool(const char *text, bool *out, struct err *err);

/* Parse one of the words in a blank-separated list ("auto always never"), into
 * its index. */
int values_parse_choice(
    const char *text, const char *choices, int *out, struct err *err);

/* The index of `word` in a blank-separated list, or -1. */
int values_find_word(const char *list, const char *word);

/* Parse "192.0.2.1:25", "[2001:db8::1]:25", "host:25", "2001:db8::1", or one of
 * these without a port; `port` is then 0. `host` is an address, without its
 * brackets, or a host name. */
int values_parse_host_port(
    const char *text, char host[256], uint16_t *port, struct err *err);

/* True for a domain name as DNS and SMTP allow it: labels of letters, digits,
 * '-' and '_' of at most 63 characters, 253 in all (RFC 1035, 2.3.1), with or
 * without a final dot. False if the last label is all digits (RFC 3696, 2):
 * that is a mistyped address. */
bool values_is_host_name(const char *text);

/* Check a name for EHLO (RFC 5321, 4.1.1.1): fully qualified, and not
 * localhost. */
int values_check_fqdn(const char *text, struct err *err);

/* Check a list of name servers, separated by blanks or commas: "192.0.2.53",
 * "[2001:db8::53]:53". */
int values_check_servers(const char *text, struct err *err);

#endif
