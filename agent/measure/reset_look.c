/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/reset_look.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "agent/net/sock.h"
#include "lib/base/clock.h"

#define CONNECT_MS 3500 /* the SYN is repeated after 1 s and 3 s */
/* From the handshake on. On a short path the EHLO is repeated at 0.2, 0.6 and
 * 1.4 s; on a long one after so many round trips (RFC 6298, 2). Of the second
 * repeat the answer is awaited: some who reset let a few packets pass. */
#define PATIENCE_US      2000000
#define PATIENCE_TRIPS   8
#define PATIENCE_MOST_US 6000000
/* The kernel holds the ACK back for 200 ms: its TTL is set by then. */
#define HELD_US 100000

struct reset_look {
	struct event_base *base;
	uint8_t family;
	int fd;
	bool stands;
	int64_t began_us;
	struct event *io, *timer;
	reset_look_done *done;
	void *arg;
};

static void finish(struct reset_look *look, enum reset_look_found found)
{
	reset_look_done *done = look->done;
	void *arg = look->arg;

	reset_look_cancel(look);
	done(arg, found);
}

static void on_io(evutil_socket_t fd, short what, void *arg);

/* False: no memory. */
static bool watch(struct reset_look *look, short what)
{
	if (look->io != NULL)
		event_free(look->io);
	look->io = event_new(
	    look->base, look->fd, (short)(what | EV_PERSIST), on_io, look);
	return look->io != NULL && event_add(look->io, NULL) == 0;
}

/* False: no memory. */
static bool wait_for_us(struct reset_look *look, int64_t us)
{
	struct timeval wait = {us / 1000000, us % 1000000};

	return event_add(look->timer, &wait) == 0;
}

static int64_t patience_us(const struct reset_look *look)
{
	int64_t trip_us = clock_mono_us() - look->began_us;
	int64_t us = PATIENCE_US + PATIENCE_TRIPS * trip_us;

	return us < PATIENCE_MOST_US ? us : PATIENCE_MOST_US;
}

static void say_ehlo(struct reset_look *look)
{
	char literal[ADDR_TEXT_SIZE + 8], words[sizeof(literal) + 8];
	struct addr local;
	int length;

	sock_local_address(look->fd, &local);
	length = snprintf(words, sizeof(words), "EHLO %s\r\n",
	    addr_format_literal(&local, literal));
	look->stands = true;
	if (send(look->fd, words, (size_t)length, MSG_NOSIGNAL) != length ||
	    !watch(look, EV_READ) || !wait_for_us(look, patience_us(look)))
		finish(look, RESET_LOOK_UNTOLD);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	struct reset_look *look = arg;
	struct sock_result result;
	char byte;

	(void)what;
	/* Also takes the ICMP errors of what ended on the way. */
	sock_result(fd, &result);
	if (result.pending)
		return;
	if (!result.connected && !look->stands)
		finish(look, RESET_LOOK_UNTOLD);
	else if (sock_is_closed(fd))
		finish(look, RESET_LOOK_CAME);
	else if (!look->stands)
		say_ehlo(look);
	else if (sock_soft_error(fd) == 0 &&
		 recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
		finish(look, RESET_LOOK_HEARD);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct reset_look *look = arg;

	(void)fd;
	(void)what;
	finish(look, look->stands ? RESET_LOOK_NONE : RESET_LOOK_UNTOLD);
}

struct reset_look *reset_look_start(struct event_base *base,
    const struct addr *address, uint16_t port, int ttl, reset_look_done *done,
    void *arg)
{
	struct reset_look *look = calloc(1, sizeof(*look));

	if (look == NULL)
		return NULL;
	look->base = base;
	look->family = address->family;
	look->done = done;
	look->arg = arg;
	look->timer = evtimer_new(base, on_timer, look);
	look->began_us = clock_mono_us();
	look->fd = sock_connect_held(address, port, ttl);
	if (look->fd >= 0 && clock_mono_us() - look->began_us < HELD_US &&
	    look->timer != NULL &&
	    wait_for_us(look, CONNECT_MS * INT64_C(1000)) &&
	    watch(look, EV_WRITE))
		return look;
	reset_look_cancel(look);
	return NULL;
}

void reset_look_cancel(struct reset_look *look)
{
	if (look == NULL)
		return;
	if (look->io != NULL)
		event_free(look->io);
	if (look->timer != NULL)
		event_free(look->timer);
	sock_abort(look->fd, look->family);
	free(look);
}
