/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/base/mailbox.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

STAILQ_HEAD(message_queue, message);

struct mailbox {
	pthread_mutex_t lock; /* of the queue */
	struct message_queue queue;
	int wake_fd; /* an eventfd: readable while there are messages */
	struct event *wake;
};

/* On the loop's thread, or after the loop has ended. Only what is there now:
 * a message that is posted meanwhile wakes the loop again. */
static void deliver_all(struct mailbox *mailbox)
{
	struct message_queue taken = STAILQ_HEAD_INITIALIZER(taken);
	struct message *message;

	pthread_mutex_lock(&mailbox->lock);
	STAILQ_CONCAT(&taken, &mailbox->queue);
	pthread_mutex_unlock(&mailbox->lock);
	while ((message = STAILQ_FIRST(&taken)) != NULL) {
		STAILQ_REMOVE_HEAD(&taken, entry);
		message->deliver(message);
	}
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return; /* EAGAIN: a spurious wake-up */
	deliver_all(arg);
}

void mailbox_post(struct mailbox *mailbox, struct message *message)
{
	uint64_t one = 1;
	bool was_empty;

	pthread_mutex_lock(&mailbox->lock);
	was_empty = STAILQ_EMPTY(&mailbox->queue);
	STAILQ_INSERT_TAIL(&mailbox->queue, message, entry);
	pthread_mutex_unlock(&mailbox->lock);
	if (was_empty && write(mailbox->wake_fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: the counter is full, so the loop wakes */
}

int mailbox_new(struct event_base *base, struct mailbox **out, struct err *err)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (mailbox == NULL)
		return err_system(err, -ENOMEM, "a mailbox");
	pthread_mutex_init(&mailbox->lock, NULL);
	STAILQ_INIT(&mailbox->queue);
	mailbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mailbox->wake_fd >= 0)
		mailbox->wake = event_new(base, mailbox->wake_fd,
		    EV_READ | EV_PERSIST, on_wake, mailbox);
	if (mailbox->wake == NULL || event_add(mailbox->wake, NULL) < 0) {
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
	deliver_all(mailbox);
	if (mailbox->wake != NULL)
		event_free(mailbox->wake);
	if (mailbox->wake_fd >= 0)
		close(mailbox->wake_fd);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}
