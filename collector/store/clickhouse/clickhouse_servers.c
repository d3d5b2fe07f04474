/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/store/clickhouse/clickhouse_servers.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"

#define SILENT_MOST 64
#define SILENT_US   INT64_C(30000000)
#define SLOW_US     INT64_C(10000000)
#define PING_US     INT64_C(1000000)
#define TIMES_AWAY  2
#define LEAVE_COST  10 /* reads */
#define LEAVE_MOST  10 /* at once */

struct silent {
	char address[300]; /* "host:port" */
	int64_t until_us;  /* clock_mono_us() */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct silent silent[SILENT_MOST];   /* guarded by the lock */
static int reads = LEAVE_COST * LEAVE_MOST; /* likewise; not used up yet */
static int64_t hang_until_us;               /* likewise */

static void print_address(const struct httpc_url *url, char address[300])
{
	snprintf(address, 300, "%s:%u", url->host, url->port);
}

/* Its entry, or the one that ends first. */
static struct silent *find(const char *address)
{
	struct silent *first = &silent[0];
	size_t i;

	for (i = 0; i < SILENT_MOST; i++) {
		if (strcmp(silent[i].address, address) == 0)
			return &silent[i];
		if (silent[i].until_us < first->until_us)
			first = &silent[i];
	}
	return first;
}

static void avoid(const struct httpc_url *url, int64_t for_us, int cost)
{
	char address[300];
	struct silent *entry;

	print_address(url, address);
	pthread_mutex_lock(&lock);
	entry = find(address);
	memcpy(entry->address, address, sizeof(entry->address));
	entry->until_us = clock_mono_us() + for_us;
	reads = reads > cost ? reads - cost : 0;
	pthread_mutex_unlock(&lock);
}

void servers_note_silent(const struct httpc_url *url)
{
	avoid(url, SILENT_US, 0);
}

void servers_note_slow(const struct httpc_url *url)
{
	avoid(url, SLOW_US, LEAVE_COST);
}

void servers_note_read(void)
{
	pthread_mutex_lock(&lock);
	if (reads < LEAVE_COST * LEAVE_MOST)
		reads++;
	pthread_mutex_unlock(&lock);
}

bool servers_may_leave(void)
{
	bool may;

	pthread_mutex_lock(&lock);
	may = reads >= LEAVE_COST;
	pthread_mutex_unlock(&lock);
	return may;
}

void servers_note_hang(void)
{
	pthread_mutex_lock(&lock);
	hang_until_us = clock_mono_us() + SILENT_US;
	pthread_mutex_unlock(&lock);
}

bool servers_reads_hang(void)
{
	bool hang;

	pthread_mutex_lock(&lock);
	hang = hang_until_us > clock_mono_us();
	pthread_mutex_unlock(&lock);
	return hang;
}

bool servers_is_silent(const struct httpc_url *url)
{
	char address[300];
	const struct silent *entry;
	bool is_silent;

	print_address(url, address);
	pthread_mutex_lock(&lock);
	entry = find(address);
	is_silent = strcmp(entry->address, address) == 0 &&
		    entry->until_us > clock_mono_us();
	pthread_mutex_unlock(&lock);
	return is_silent;
}

size_t servers_next(const struct clickhouse *handle)
{
	size_t i, next;

	for (i = 1; i <= handle->nurls; i++) {
		next = (handle->url + i) % handle->nurls;
		if (!servers_is_silent(&handle->urls[next]))
			return next;
	}
	return (handle->url + 1) % handle->nurls;
}

/* A server that hangs takes connections and says nothing. 0 or -errno. */
static int ping(const struct clickhouse *handle, const struct httpc_url *url)
{
	static const char ping[] = "GET /ping HTTP/1.0\r\n\r\n";
	char answer[64];
	struct link link;
	int error;

	link_init(&link);
	link.deadline_us = clock_mono_us() + PING_US;
	link.interrupted = &handle->interrupted;
	error = link_connect(&link, url, handle->tls, NULL);
	if (error == 0)
		error = link_send(&link, ping, sizeof(ping) - 1);
	if (error == 0 && link_receive(&link, answer, sizeof(answer)) <= 0)
		error = -ETIMEDOUT;
	link_close(&link);
	return error;
}

bool servers_is_alive(void *arg)
{
	const struct clickhouse *handle = arg;
	const struct httpc_url *url = &handle->urls[handle->url];
	int error = ping(handle, url);

	if (error < 0 && error != -ECANCELED)
		servers_note_silent(url);
	return error == 0;
}

bool servers_went_away(struct clickhouse *handle)
{
	bool went = false;
	size_t i;

	for (i = 0; i < handle->nurls; i++) {
		if (ping(handle, &handle->urls[i]) == 0)
			handle->times_away[i] = 0;
		else if (handle->times_away[i] < TIMES_AWAY)
			went |= ++handle->times_away[i] == TIMES_AWAY;
	}
	return went;
}
