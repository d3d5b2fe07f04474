/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_BASE_ERR_H
#define EGRESS25_LIB_BASE_ERR_H

/*
 * An error message for a person: wrong input, or what the system refused. It
 * names the place (file, line, key) and the value.
 *
 * The convention everywhere: a function that can fail returns 0 or -errno.
 * -EINVAL means that the input was wrong; any other value is our own failure
 * (memory, disk, a socket that cannot be bound). A function that takes a
 * `struct err *` fills it whenever it does not return 0. What the network did
 * to a probe is not an error but data (observe.h).
 */
struct err {
	char text[512];
};

/* Set the message for wrong input. Returns -EINVAL, for
 * `return err_input(err, ...)`. `err` may be NULL. */
int err_input(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Set the message for a failure of our own: the formatted text, ": ", and
 * strerror(). Returns `negative_errno`. `err` may be NULL. */
int err_system(struct err *err, int negative_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prepend "PLACE: " to the message, for a caller that knows the place. `err`
 * may be NULL. */
void err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
