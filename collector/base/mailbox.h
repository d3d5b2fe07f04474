/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_BASE_MAILBOX_H
#define EGRESS25_COLLECTOR_BASE_MAILBOX_H

/*
 * Messages from any thread to the thread of one event loop. A message belongs
 * to its sender until it is posted and to the loop's thread from its delivery
 * on; messages are delivered in the order in which they were posted.
 */

#include <sys/queue.h>

#include "lib/base/err.h"

struct event_base;
struct mailbox;
struct message;

typedef void message_deliver(struct message *message);

/* To be embedded, as the first member, in what is sent. */
struct message {
	STAILQ_ENTRY(message) entry; /* the mailbox's */
	message_deliver *deliver;    /* called once, on the loop's thread */
};

/* 0 or -errno. */
int mailbox_new(
    struct event_base *base, struct mailbox **mailbox, struct err *err);

/* Send a message; from any thread. It cannot fail. */
void mailbox_post(struct mailbox *mailbox, struct message *message);

/* Deliver what is left, and free the mailbox; call it before the loop is
 * freed, when nobody posts any more. NULL is allowed. */
void mailbox_free(struct mailbox *mailbox);

#endif
