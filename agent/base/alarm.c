/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/base/alarm.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/base/clock.h"

struct alarm {
	struct event *event;
	int fd;
	alarm_ring *ring;
	void *arg;
};

static int64_t speed = 1;

void alarm_hurry(int64_t times)
{
	speed = times;
}

int64_t alarm_speed(void)
{
	return speed;
}

int64_t alarm_now_ms(void)
{
	return clock_boot_ms() * speed;
}

int64_t alarm_to_wall_ms(int64_t at_ms)
{
	return clock_wall_ms() + (at_ms - alarm_now_ms()) / speed;
}

int64_t alarm_span_ms(int64_t real_ms)
{
	return real_ms * speed;
}

static void on_ring(evutil_socket_t fd, short what, void *arg)
{
	struct alarm *alarm = arg;
	uint64_t rings;

	(void)what;
	if (read(fd, &rings, sizeof(rings)) == sizeof(rings))
		alarm->ring(alarm->arg);
}

struct alarm *alarm_new(struct event_base *base, alarm_ring *ring, void *arg)
{
	struct alarm *alarm = calloc(1, sizeof(*alarm));

	if (alarm == NULL)
		return NULL;
	alarm->ring = ring;
	alarm->arg = arg;
	alarm->fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (alarm->fd >= 0)
		alarm->event = event_new(
		    base, alarm->fd, EV_READ | EV_PERSIST, on_ring, alarm);
	if (alarm->event == NULL || event_add(alarm->event, NULL) < 0) {
		alarm_free(alarm);
		return NULL;
	}
	return alarm;
}

void alarm_free(struct alarm *alarm)
{
	if (alarm == NULL)
		return;
	if (alarm->event != NULL)
		event_free(alarm->event);
	if (alarm->fd >= 0)
		close(alarm->fd);
	free(alarm);
}

static void set_timer(struct alarm *alarm, int64_t boot_ms)
{
	struct itimerspec when = {
	    .it_value.tv_sec = boot_ms / 1000,
	    .it_value.tv_nsec = boot_ms % 1000 * 1000000,
	};

	timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Zero would disarm the timer; 1 ms after boot is always in the past. */
void alarm_set(struct alarm *alarm, int64_t at_ms)
{
	int64_t boot_ms = (at_ms + speed - 1) / speed;

	set_timer(alarm, boot_ms > 1 ? boot_ms : 1);
}

void alarm_off(struct alarm *alarm)
{
	set_timer(alarm, 0);
}
