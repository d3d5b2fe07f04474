/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_ERR_H
#define EGRESS25_LIB_BASE_ERR_H

/*
 * A sentence for a person about input that is wrong, or about what the
 * system refused. It names the place (file, line, key) and the value.
 *
 * The convention of the whole tree: a function that can fail returns 0 or a
 * negative errno. -EINVAL means that the input was wrong; everything else is
 * our own failure (memory, disk, a socket that cannot be bound). A function
 * that takes a `struct err *` fills it whenever it does not return 0. What
 * the network did to a probe is never an error: it is data (observe.h).
 */
struct err {
	char text[512];
};

/* Say what is wrong with the input. Returns -EINVAL, so that a caller can
 * write `return err_input(err, ...)`. `err` may be NULL. */
int err_input(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Say what we could not do: the sentence, then ": " and the system's words for
 * `negative_errno`. Returns `negative_errno`. `err` may be NULL. */
int err_system(struct err *err, int negative_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "`place`: " before the sentence that is already in `err`, as a caller
 * does who knows more about where. */
void err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
