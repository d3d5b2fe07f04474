/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_THREADS_MAILBOX_H
#define EGRESS25_COLLECTOR_THREADS_MAILBOX_H

/*
 * What other threads have to tell an event loop. A letter belongs to the
 * sender until it is posted, and to the loop's thread from when it is opened;
 * letters are opened in the order in which they were posted.
 */

#include "lib/base/err.h"

struct event_base;
struct mailbox;
struct letter;

typedef void letter_open(struct letter *letter);

struct letter {
	struct letter *next; /* the mailbox's */
	letter_open *open;   /* called on the loop's thread, once */
};

int mailbox_new(
    struct event_base *base, struct mailbox **mailbox, struct err *err);

/* From any thread. */
void mailbox_post(struct mailbox *mailbox, struct letter *letter);

/* Before the base goes; what is there is opened. NULL is allowed. */
void mailbox_free(struct mailbox *mailbox);

#endif
