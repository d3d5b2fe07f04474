/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_REPORT_WORDS_H
#define EGRESS25_LIB_REPORT_WORDS_H

/*
 * The contract's vocabulary (section 1) as text. X_word() returns the word for
 * a value, "" if it is absent or out of range, and never NULL. X_from_word()
 * returns the value of a word, or -1 for an unknown word.
 */

#include "lib/report/observe.h"

const char *port_mode_word(enum port_mode mode);
const char *stage_word(enum stage stage);
const char *failure_word(enum failure failure);
const char *tls_verify_word(enum tls_verify verify);
const char *path_answer_word(enum path_answer answer);
const char *peer_word(enum peer_seen peer);
const char *own_address_word(enum own_address own);
const char *dns_word(enum dns_seen dns);
const char *outcome_word(enum outcome outcome);
const char *mechanism_word(enum mechanism mechanism);
const char *where_word(enum where where);
const char *soft_sign_word(enum soft_sign sign);

int port_mode_from_word(const char *word);
int stage_from_word(const char *word);
int failure_from_word(const char *word);
int tls_verify_from_word(const char *word);
int path_answer_from_word(const char *word);
int peer_from_word(const char *word);
int own_address_from_word(const char *word);
int dns_from_word(const char *word);
int outcome_from_word(const char *word);
int mechanism_from_word(const char *word);
int where_from_word(const char *word);
int soft_sign_from_word(const char *word);

/* The name of an errno of connect() or read(), or "" for any other. */
const char *errno_word(int sys_errno);

/* The errno of such a name on this system, or 0 for any other. */
int errno_from_word(const char *word);

/* The default mode of a port: starttls for 25 and 587, tls for 465 (RFC 8314),
 * connect for any other. */
enum port_mode port_mode_default(uint16_t port);

#endif
