/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/mailbox.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	pthread_mutex_t lock; /* of the letters */
	struct letter *first, **last;
	int wake; /* an eventfd, readable while there are letters */
	struct event *woken;
};

static struct letter *take_all(struct mailbox *mailbox)
{
	struct letter *first;

	pthread_mutex_lock(&mailbox->lock);
	first = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	pthread_mutex_unlock(&mailbox->lock);
	return first;
}

/* On the loop's thread, or after that ended: open what is there now. */
static void open_all(struct mailbox *mailbox)
{
	struct letter *letter, *next;

	for (letter = take_all(mailbox); letter != NULL; letter = next) {
		next = letter->next;
		letter->open(letter);
	}
}

static void on_woken(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return; /* somebody was quicker */
	open_all(arg);
}

void mailbox_post(struct mailbox *mailbox, struct letter *letter)
{
	uint64_t one = 1;
	bool was_empty;

	letter->next = NULL;
	pthread_mutex_lock(&mailbox->lock);
	was_empty = mailbox->first == NULL;
	*mailbox->last = letter;
	mailbox->last = &letter->next;
	pthread_mutex_unlock(&mailbox->lock);
	if (was_empty && write(mailbox->wake, &one, sizeof(one)) < 0)
		return; /* already awake */
}

int mailbox_new(struct event_base *base, struct mailbox **out, struct err *err)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (mailbox == NULL)
		return err_system(err, -ENOMEM, "a mailbox");
	pthread_mutex_init(&mailbox->lock, NULL);
	mailbox->last = &mailbox->first;
	mailbox->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->wake >= 0)
		mailbox->woken = event_new(base, mailbox->wake,
		    EV_READ | EV_PERSIST, on_woken, mailbox);
	if (mailbox->woken == NULL || event_add(mailbox->woken, NULL) < 0) {
		mailbox_free(mailbox);
		return err_system(err, -ENOMEM, "a mailbox");
	}
	*out = mailbox;
	return 0;
}

void mailbox_free(struct mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	open_all(mailbox);
	if (mailbox->woken != NULL)
		event_free(mailbox->woken);
	if (mailbox->wake >= 0)
		close(mailbox->wake);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}
