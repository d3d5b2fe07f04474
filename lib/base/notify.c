/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/values.h"

/* Returns the address's length, or 0 if NOTIFY_SOCKET is unset or invalid. A
 * name that begins with '@' is in the abstract namespace. */
static socklen_t socket_address(struct sockaddr_un *to)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name != NULL ? strlen(name) : 0;

	memset(to, 0, sizeof(*to));
	if (length < 2 || length >= sizeof(to->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, name, length);
	if (name[0] == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void notify_send(const char *format, ...)
{
	struct sockaddr_un to;
	socklen_t length = socket_address(&to);
	char text[512];
	va_list arguments;
	int fd;

	if (length == 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	    (struct sockaddr *)&to, length);
	close(fd);
}

void notify_reloading(void)
{
	notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_us());
}

int64_t notify_watchdog_ms(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t value;

	if (us == NULL ||
	    values_parse_count(us, 2000, INT64_MAX, &value, NULL) < 0)
		return 0;
	if (pid != NULL && atol(pid) != (long)getpid())
		return 0;
	return value / 2000;
}
