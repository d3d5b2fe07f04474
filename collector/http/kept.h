/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_HTTP_KEPT_H
#define EGRESS25_COLLECTOR_HTTP_KEPT_H

/*
 * Replies that may be asked for again before what they are made from changes:
 * the last few, in the coding in which they were sent. One thread's; pure but
 * for the memory that it owns. Zero-initialise; release with kept_free().
 */

#include "collector/http/reply.h"

#define KEPT_COUNT    8
#define KEPT_KEY_SIZE 1024
#define KEPT_MOST     (1 << 20) /* bytes of a reply that is kept */

struct kept_reply {
	char key[KEPT_KEY_SIZE]; /* path and query; "": none is kept here */
	enum coding coding;      /* that a client likes */
	struct buf body;         /* owned, as is `link` */
	enum coding coded;       /* the body's */
	char *link;              /* NULL: none */
};

struct kept {
	char tag[REPLY_TAG_SIZE]; /* of all that are kept */
	struct kept_reply replies[KEPT_COUNT];
	size_t next; /* to be replaced */
};

/* Make the reply that was kept of such a request, if what is asked for still
 * has that entity tag (without quotes). */
bool kept_recall(struct kept *kept, const char *tag,
    const struct request *request, struct reply *reply);

/* Keep a copy of a reply that was settled, if it has that entity tag. */
void kept_add(struct kept *kept, const char *tag, const struct request *request,
    const struct reply *reply);

void kept_free(struct kept *kept);

#endif
