/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/threads/start_watch.h"

#include <signal.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/config/args.h"

#define END_OF_WATCH SIGUSR1 /* to this thread alone */

static void *watch(void *arg)
{
	sigset_t ends;
	int number = 0;

	(void)arg;
	pthread_setname_np(pthread_self(), "start");
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, END_OF_WATCH);
	while (sigwait(&ends, &number) != 0)
		;
	if (number == END_OF_WATCH)
		return NULL;
	log_info("signal %d: ending before the start was over", number);
	notify_send("STOPPING=1");
	_exit(EXIT_FINE);
}

int start_watch_begin(pthread_t *thread)
{
	return -pthread_create(thread, NULL, watch, NULL);
}

void start_watch_end(pthread_t thread)
{
	pthread_kill(thread, END_OF_WATCH);
	pthread_join(thread, NULL);
}
