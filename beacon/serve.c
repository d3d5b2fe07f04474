/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/serve.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beacon/net/certificate.h"
#include "beacon/net/client.h"
#include "beacon/net/listen.h"
#include "lib/base/address_count.h"
#include "lib/base/base64.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/config/args.h"

#define OTHER_FILES 64 /* descriptors that are no connection */

/* What serving owns. */
struct serving {
	struct beacon beacon;
	struct sign_key *key;
	struct listeners *listeners;
	struct event *terminate, *interrupt, *watchdog;
	char name[256];
};

static int load_key(const struct beacon_options *options, struct sign_key **key,
    struct err *err)
{
	char path[300];

	if (mkdir(options->state, 0700) < 0 && errno != EEXIST)
		return err_system(err, -errno, "%s", options->state);
	snprintf(path, sizeof(path), "%s/receipt.key", options->state);
	return sign_key_load_or_make(path, key, err);
}

/* Ask for as many descriptors as connections may need. */
static void raise_limit(int64_t connections)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + OTHER_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < wanted)
		log_warn("%lld connections are allowed, and %lld descriptors",
		    (long long)connections, (long long)limit.rlim_cur);
}

static void on_signal(int number, short what, void *arg)
{
	struct serving *serving = arg;

	notify_send("STOPPING=1");
	event_base_loopbreak(serving->beacon.base);
}

static void on_watchdog(int fd, short what, void *arg)
{
	notify_send("WATCHDOG=1");
}

static int begin_events(struct serving *serving, struct err *err)
{
	const struct beacon_options *options = serving->beacon.options;
	struct timeval idle = {.tv_sec = (time_t)options->idle_s};
	int64_t watchdog_ms = notify_watchdog_ms();
	struct timeval every = {.tv_sec = (time_t)(watchdog_ms / 1000),
	    .tv_usec = (suseconds_t)(watchdog_ms % 1000 * 1000)};
	struct event_base *base = event_base_new();

	serving->beacon.base = base;
	if (base == NULL)
		return err_system(err, -ENOMEM, "events");
	serving->beacon.idle = event_base_init_common_timeout(base, &idle);
	serving->terminate = evsignal_new(base, SIGTERM, on_signal, serving);
	serving->interrupt = evsignal_new(base, SIGINT, on_signal, serving);
	serving->watchdog = event_new(
	    base, -1, EV_PERSIST, on_watchdog, serving);
	if (serving->beacon.idle == NULL || serving->terminate == NULL ||
	    serving->interrupt == NULL || serving->watchdog == NULL)
		return err_system(err, -ENOMEM, "events");
	event_add(serving->terminate, NULL);
	event_add(serving->interrupt, NULL);
	if (watchdog_ms > 0)
		event_add(serving->watchdog, &every);
	return 0;
}

static void find_name(const struct beacon_options *options, char name[256])
{
	snprintf(name, 256, "%s", options->name);
	if (name[0] == '\0' && gethostname(name, 255) < 0)
		snprintf(name, 256, "beacon.invalid");
}

static int begin(struct serving *serving, struct err *err)
{
	struct beacon *beacon = &serving->beacon;
	const struct beacon_options *options = beacon->options;
	int error;

	find_name(options, serving->name);
	beacon->name = serving->name;
	raise_limit(options->connections);
	error = load_key(options, &serving->key, err);
	if (error == 0)
		error = certificate_load(
		    options, serving->name, &beacon->tls, err);
	if (error == 0)
		error = begin_events(serving, err);
	if (error < 0)
		return error;
	beacon->key = serving->key;
	beacon->addresses = address_count_new();
	if (beacon->addresses == NULL)
		return err_system(err, -ENOMEM, "connections");
	return listen_open(beacon, &serving->listeners, err);
}

static void end(struct serving *serving)
{
	struct event *events[] = {
	    serving->terminate, serving->interrupt, serving->watchdog};
	size_t i;

	client_close_all(&serving->beacon);
	listen_close(serving->listeners);
	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (serving->beacon.base != NULL)
		event_base_free(serving->beacon.base);
	address_count_free(serving->beacon.addresses);
	SSL_CTX_free(serving->beacon.tls);
	sign_key_free(serving->key);
}

int serve_run(const struct beacon_options *options)
{
	struct serving serving = {.beacon = {.options = options}};
	struct err err = {""};
	int error = begin(&serving, &err);

	if (error == 0) {
		log_info("serving as %s", serving.name);
		notify_send("READY=1");
		event_base_dispatch(serving.beacon.base);
	}
	end(&serving);
	return error < 0 ? args_fail(error, &err) : EXIT_FINE;
}

int serve_print_key(const struct beacon_options *options)
{
	char text[BASE64_SIZE(SIGN_PUBLIC_SIZE)];
	uint8_t public_key[SIGN_PUBLIC_SIZE];
	struct sign_key *key;
	struct err err = {""};
	int error = load_key(options, &key, &err);

	if (error < 0)
		return args_fail(error, &err);
	sign_key_public(key, public_key);
	base64url_encode(public_key, sizeof(public_key), text);
	printf("receipt-key = %s\n", text);
	sign_key_free(key);
	return args_finish_output();
}
