/* SPDX-License-Identifier: Apache-2.0 */
#include "beacon/serve.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beacon/metrics/scrape.h"
#include "beacon/net/certificate.h"
#include "beacon/net/client.h"
#include "beacon/net/listen.h"
#include "lib/base/address_count.h"
#include "lib/base/base64.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/config/args.h"
#include "lib/sign/sign.h"

#define OTHER_FILES 64 /* descriptors that are no connection */

/* What serving owns. */
struct serving {
	struct beacon beacon;
	const char *config; /* NULL: the default path */
	struct beacon_options options;
	struct sign_key *key;
	struct listeners *listeners;
	struct scrape *scrape; /* NULL: none is configured */
	struct event *terminate, *interrupt, *reload, *watchdog;
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

static void find_name(const struct beacon_options *options, char name[256])
{
	snprintf(name, 256, "%s", options->name);
	if (name[0] == '\0' && gethostname(name, 255) < 0)
		snprintf(name, 256, "beacon.invalid");
}

static const struct timeval *find_idle(
    struct event_base *base, const struct beacon_options *options)
{
	struct timeval idle = {.tv_sec = (time_t)options->idle_s};

	return event_base_init_common_timeout(base, &idle);
}

/* A socket that is open cannot be changed. */
static int check_sockets(const struct beacon_options *now,
    const struct beacon_options *then, struct err *err)
{
	size_t i;
	bool same = strcmp(now->addresses, then->addresses) == 0 &&
		    strcmp(now->metrics, then->metrics) == 0 &&
		    now->ports.count == then->ports.count;

	for (i = 0; same && i < now->ports.count; i++)
		same = now->ports.port[i] == then->ports.port[i] &&
		       now->ports.mode[i] == then->ports.mode[i];
	if (same)
		return 0;
	return err_input(
	    err, "addresses, ports or metrics changed: this needs a restart");
}

/* The certificate, and the digest of its key. */
static int load_tls(const struct beacon_options *options, const char *name,
    struct ssl_ctx_st **tls, uint8_t spki_sha256[32], struct err *err)
{
	int error = certificate_load(options, name, tls, err);

	if (error < 0)
		return error;
	error = certificate_spki(*tls, spki_sha256);
	return error < 0 ? err_system(err, error, "TLS") : 0;
}

/* Everything is read and checked before anything is used. Connections in TLS
 * hold the certificate that they began with. */
static int reload(struct serving *serving, struct err *err)
{
	struct beacon *beacon = &serving->beacon;
	const struct timeval *idle = NULL;
	struct beacon_options options;
	struct ssl_ctx_st *tls = NULL;
	struct sign_key *key = NULL;
	uint8_t spki_sha256[32];
	char name[256];
	int error = beacon_options_read(serving->config, &options, err);

	if (error == 0)
		error = check_sockets(&serving->options, &options, err);
	if (error < 0)
		return error;
	find_name(&options, name);
	idle = find_idle(beacon->base, &options);
	error = idle == NULL ? err_system(err, -ENOMEM, "events")
			     : load_key(&options, &key, err);
	if (error == 0)
		error = load_tls(&options, name, &tls, spki_sha256, err);
	if (error < 0) {
		SSL_CTX_free(tls);
		sign_key_free(key);
		return error;
	}
	raise_limit(options.connections);
	SSL_CTX_free(beacon->tls);
	sign_key_free(serving->key);
	serving->options = options;
	memcpy(serving->name, name, sizeof(name));
	beacon->tls = tls;
	memcpy(beacon->spki_sha256, spki_sha256, sizeof(spki_sha256));
	beacon->idle = idle;
	beacon->key = serving->key = key;
	return 0;
}

static void on_reload(int number, short what, void *arg)
{
	struct serving *serving = arg;
	struct err err = {""};

	notify_reloading();
	if (reload(serving, &err) < 0)
		log_error("nothing is reloaded: %s", err.text);
	else
		log_info("reloaded");
	notify_send("READY=1");
}

static int begin_events(struct serving *serving, struct err *err)
{
	const struct beacon_options *options = serving->beacon.options;
	int64_t watchdog_ms = notify_watchdog_ms();
	struct timeval every = {.tv_sec = (time_t)(watchdog_ms / 1000),
	    .tv_usec = (suseconds_t)(watchdog_ms % 1000 * 1000)};
	struct event_base *base = event_base_new();

	serving->beacon.base = base;
	if (base == NULL)
		return err_system(err, -ENOMEM, "events");
	serving->beacon.idle = find_idle(base, options);
	serving->terminate = evsignal_new(base, SIGTERM, on_signal, serving);
	serving->interrupt = evsignal_new(base, SIGINT, on_signal, serving);
	serving->reload = evsignal_new(base, SIGHUP, on_reload, serving);
	serving->watchdog = event_new(
	    base, -1, EV_PERSIST, on_watchdog, serving);
	if (serving->beacon.idle == NULL || serving->terminate == NULL ||
	    serving->interrupt == NULL || serving->reload == NULL ||
	    serving->watchdog == NULL)
		return err_system(err, -ENOMEM, "events");
	event_add(serving->terminate, NULL);
	event_add(serving->interrupt, NULL);
	event_add(serving->reload, NULL);
	if (watchdog_ms > 0)
		event_add(serving->watchdog, &every);
	return 0;
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
		error = load_tls(options, serving->name, &beacon->tls,
		    beacon->spki_sha256, err);
	if (error == 0)
		error = begin_events(serving, err);
	if (error < 0)
		return error;
	beacon->key = serving->key;
	beacon->addresses = address_count_new();
	if (beacon->addresses == NULL)
		return err_system(err, -ENOMEM, "connections");
	error = listen_open(beacon, &serving->listeners, err);
	if (error == 0 && options->metrics[0] != '\0')
		error = scrape_open(beacon->base, options->metrics,
		    &beacon->metrics, &serving->scrape, err);
	return error;
}

static void end(struct serving *serving)
{
	struct event *events[] = {serving->terminate, serving->interrupt,
	    serving->reload, serving->watchdog};
	size_t i;

	client_close_all(&serving->beacon);
	listen_close(serving->listeners);
	scrape_close(serving->scrape);
	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (serving->beacon.base != NULL)
		event_base_free(serving->beacon.base);
	address_count_free(serving->beacon.addresses);
	SSL_CTX_free(serving->beacon.tls);
	sign_key_free(serving->key);
}

int serve_run(const char *config, const struct beacon_options *options)
{
	struct serving serving = {.config = config, .options = *options};
	struct err err = {""};
	int error;

	serving.beacon.options = &serving.options;
	signal(SIGHUP, SIG_IGN); /* before and after the event's time */
	error = begin(&serving, &err);
	if (error == 0) {
		log_info("serving as %s", serving.name);
		notify_send("READY=1");
		event_base_dispatch(serving.beacon.base);
	}
	end(&serving);
	return error < 0 ? args_fail(error, &err) : EXIT_FINE;
}

/* The line of what TLS shows on each port. */
static int print_spki(const struct beacon_options *options, struct err *err)
{
	char name[256], text[2 * 32 + 1];
	struct ssl_ctx_st *tls = NULL;
	uint8_t spki_sha256[32];
	int error;

	find_name(options, name);
	error = load_tls(options, name, &tls, spki_sha256, err);
	SSL_CTX_free(tls);
	if (error < 0)
		return error;
	hex_encode(spki_sha256, sizeof(spki_sha256), text);
	printf("spki = %s\n", text);
	return 0;
}

int serve_print_key(const char *config, const struct beacon_options *options)
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
	sign_key_free(key);
	printf("receipt-key = %s\n", text);
	error = print_spki(options, &err);
	return error < 0 ? args_fail(error, &err) : args_finish_output();
}
