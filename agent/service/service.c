/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/service.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/alarm.h"
#include "agent/base/allowance.h"
#include "agent/net/netstate.h"
#include "agent/net/netwatch.h"
#include "agent/service/planner.h"
#include "agent/service/rounds.h"
#include "agent/service/service_settings.h"
#include "agent/service/statusfile.h"
#include "agent/service/trim.h"
#include "agent/upload/disclosure.h"
#include "agent/upload/uploader.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/config/args.h"

#define SPOOL_BYTES_MAX (64 * 1024 * 1024)
#define WRITE_AFTER_MS  1000 /* changes within it are written once */

enum { SIGNALS = 3 };

struct service {
	const char *config;
	bool once, kept;
	int exit_code;
	struct service_settings settings;
	struct state_directory state;

	struct event_base *base;
	struct event *signals[SIGNALS], *watchdog, *write;
	struct alarm *ask; /* when to ask for a plan */
	int64_t asked_ms;  /* alarm.h: the last time, or 0 */
	struct identity identity;
	struct spool *spool;
	struct uploader *uploader;
	struct planner planner;
	struct allowance allowance; /* for what the plan asks */
	struct rounds *rounds;
	struct netwatch *netwatch; /* NULL: changes go unnoticed */
	struct netstate_settling settling;
	struct status status;
	int64_t dropped_before;
	bool begun;
};

static void end(struct service *service, int exit_code)
{
	service->exit_code = exit_code;
	event_base_loopbreak(service->base);
}

static struct timeval timeval_of(int64_t ms)
{
	return (struct timeval){
	    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

/* --- the status --- */

static void gather(struct service *service)
{
	const struct uploader_facts *facts = uploader_facts(service->uploader);
	struct status *status = &service->status;
	int64_t retry_ms;

	snprintf(status->agent, sizeof(status->agent), "%s",
	    service->identity.agent_id);
	snprintf(status->collector, sizeof(status->collector), "%s",
	    service->settings.options.collector);
	status->spool_reports = (int64_t)spool_count(service->spool);
	status->spool_dropped = service->dropped_before +
				spool_dropped(service->spool);
	if (facts->upload_ms != 0)
		status->upload_ms = facts->upload_ms;
	status->upload_failed_ms = facts->failed_ms;
	retry_ms = facts->next_ms != 0 ? facts->next_ms : facts->stuck_ms;
	status->upload_retry_ms = retry_ms != 0 ? alarm_to_wall_ms(retry_ms)
						: 0;
	snprintf(status->upload_error, sizeof(status->upload_error), "%s",
	    facts->error);
	status->day_ms = service->allowance.day * DAY_MS;
	status->day_syns = service->allowance.spent;
	status->day_questions = service->allowance.asked;
	status->day_most = service->allowance.daily;
	status->day_questions_most = service->allowance.daily_questions;
	status->plan_taken_ms = service->planner.taken_ms;
	status->plan_until_ms = service->planner.taken_ms != 0
				    ? alarm_to_wall_ms(
					  service->planner.until_ms)
				    : 0;
}

static void write_status(struct service *service)
{
	struct err err;

	gather(service);
	if (statusfile_write(&service->state, &service->status, &err) < 0)
		log_warn("cannot write the status: %s", err.text);
	notify_send("STATUS=%s; reports waiting: %lld", service->status.doing,
	    (long long)service->status.spool_reports);
}

static void on_write(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_status(arg);
}

static void on_changed(void *arg)
{
	struct service *service = arg;
	struct timeval soon = timeval_of(WRITE_AFTER_MS);

	if (!event_pending(service->write, EV_TIMEOUT, NULL))
		event_add(service->write, &soon);
}

static void on_uploader_changed(void *arg)
{
	struct service *service = arg;

	rounds_refresh(service->rounds);
	on_changed(service);
}

/* --- the plan --- */

static bool wants_plan(const struct service *service)
{
	return !service->once && service->settings.options.plan &&
	       service->settings.options.collector[0] != '\0';
}

static int set_rounds(struct service *service)
{
	struct rounds_terms terms = {
	    .endpoints = planner_terms(&service->planner,
		&service->settings.options, &service->settings.endpoints),
	    .terms = service->planner.terms,
	    .until_ms = service->planner.until_ms,
	    .allowance = planner_has_plan(&service->planner)
			     ? &service->allowance
			     : NULL,
	};

	service->allowance.rate = service->settings.options.plan_rate;
	service->allowance.daily = service->settings.options.plan_daily;
	service->allowance.daily_questions = service->settings.options
						 .plan_questions_daily;

	if (terms.endpoints == NULL ||
	    rounds_set(service->rounds, &terms) < 0) {
		log_error("no memory for the schedule");
		end(service, EXIT_OURS);
		return -ENOMEM;
	}
	return 0;
}

static void begin_rounds(struct service *service)
{
	if (service->begun)
		return;
	service->begun = true;
	rounds_begin(service->rounds, service->once);
}

/* At most once a minute, whatever the plan, the network or a person says. */
static void on_ask(void *arg)
{
	struct service *service = arg;
	int64_t now_ms = alarm_now_ms();
	int64_t from_ms = service->asked_ms + PLANNER_ASK_LEAST_MS;

	if (!wants_plan(service))
		return;
	if (service->asked_ms != 0 && now_ms < from_ms) {
		alarm_set(service->ask, from_ms);
		return;
	}
	service->asked_ms = now_ms;
	uploader_ask_plan(service->uploader);
}

/* If the collector had no plan, it may have sent a Retry-After. */
static void ask_later(struct service *service, bool had_none)
{
	int64_t said_ms = uploader_facts(service->uploader)->not_before_ms;

	alarm_set(service->ask, had_none && said_ms > alarm_now_ms()
				    ? said_ms
				    : service->planner.ask_ms);
}

static void on_planned(void *arg, const char *json, size_t length)
{
	struct service *service = arg;

	if (!wants_plan(service))
		return;
	if (planner_take(
		&service->planner, &service->settings.options, json, length) &&
	    set_rounds(service) < 0)
		return;
	ask_later(service, json == NULL);
	begin_rounds(service);
	on_changed(service);
}

/* --- rounds and uploads --- */

static void on_proved(void *arg, const struct uplink_result *result)
{
	struct service *service = arg;

	rounds_proved(service->rounds, result);
}

static void on_kept(void *arg)
{
	struct service *service = arg;

	service->kept = true;
	uploader_send_reports(service->uploader);
}

static void on_failed(void *arg, const struct err *err)
{
	struct service *service = arg;

	log_error("%s", err->text);
	if (service->once)
		end(service, EXIT_OURS);
}

static void on_rested(void *arg, bool well)
{
	struct service *service = arg;

	if (service->once && service->kept)
		end(service, well ? EXIT_FINE : EXIT_OURS);
	else if (rounds_are_resting(service->rounds))
		trim_memory();
}

/* --- network changes --- */

static void on_network(void *arg, const char *what)
{
	struct service *service = arg;
	int64_t at_ms = netstate_settle(&service->settling, alarm_now_ms());

	log_info("the network changed (%s): starting again in %lld s", what,
	    (long long)(at_ms - alarm_now_ms()) / 1000);
	rounds_move(service->rounds, at_ms);
	uploader_restart(service->uploader);
	alarm_set(service->ask, at_ms);
}

static bool has_moved(void *arg)
{
	struct service *service = arg;

	return netwatch_check(service->netwatch);
}

/* --- signals --- */

/* A running round continues with the old settings. */
static void reload(struct service *service)
{
	struct service_settings fresh;
	struct err err;
	bool moved;

	if (service_settings_reread(
		service->config, &service->settings, &fresh, &err) < 0) {
		log_error("nothing is reloaded: %s", err.text);
		return;
	}
	moved = strcmp(fresh.options.collector,
		    service->settings.options.collector) != 0;
	service_settings_free(&service->settings);
	service->settings = fresh;
	if (moved) {
		service->asked_ms = 0;
		identity_read_name(
		    &service->settings.options, &service->identity, &err);
		disclosure_log(&service->settings.options);
	}
	if (moved || !wants_plan(service))
		planner_drop(&service->planner);
	if (set_rounds(service) < 0)
		return;
	uploader_restart(service->uploader);
	on_ask(service);
	log_info("configuration reloaded");
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct service *service = arg;

	(void)what;
	if (number == SIGHUP) {
		notify_reloading();
		reload(service);
		notify_send("READY=1");
		return;
	}
	log_info("signal %d: exiting", (int)number);
	end(service, service->once ? EXIT_OURS : EXIT_FINE);
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_send("WATCHDOG=1");
}

/* --- start and end --- */

static int make_signals(struct service *service)
{
	static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
	int i;

	for (i = 0; i < SIGNALS; i++) {
		service->signals[i] = evsignal_new(
		    service->base, numbers[i], on_signal, service);
		if (service->signals[i] == NULL ||
		    event_add(service->signals[i], NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int make_timers(struct service *service)
{
	struct timeval every = timeval_of(notify_watchdog_ms());

	service->write = evtimer_new(service->base, on_write, service);
	service->watchdog = event_new(
	    service->base, -1, EV_PERSIST, on_watchdog, service);
	service->ask = alarm_new(service->base, on_ask, service);
	if (service->write == NULL || service->watchdog == NULL ||
	    service->ask == NULL)
		return -ENOMEM;
	if (notify_watchdog_ms() > 0 &&
	    event_add(service->watchdog, &every) < 0)
		return -ENOMEM;
	return 0;
}

static int make_parts(struct service *service)
{
	const struct uploader_events uploader_events = {
	    on_proved, on_planned, on_rested, on_uploader_changed, service};
	const struct rounds_events rounds_events = {
	    on_kept, on_failed, has_moved, on_changed, service};
	struct rounds_parts parts = {&service->settings.options,
	    &service->identity, service->spool, NULL, &service->status};

	service->uploader = uploader_new(service->base,
	    &service->settings.options, &service->identity, service->spool,
	    &uploader_events);
	parts.uploader = service->uploader;
	if (service->uploader != NULL)
		service->rounds = rounds_new(
		    service->base, &parts, &rounds_events);
	if (service->rounds == NULL)
		return -ENOMEM;
	service->netwatch = netwatch_new(service->base, on_network, service);
	if (service->netwatch == NULL)
		log_warn(
		    "network changes will go unnoticed: %s", strerror(errno));
	return 0;
}

static int make_loop(struct service *service, struct err *err)
{
	service->base = event_base_new();
	if (service->base == NULL || make_signals(service) < 0 ||
	    make_timers(service) < 0 || make_parts(service) < 0)
		return err_system(err, -ENOMEM, "the event loop");
	return 0;
}

/* Load what an earlier process left. A broken file is ignored. */
static void recall_status(struct service *service)
{
	struct status *status = &service->status;
	struct err err;
	int error = statusfile_read(&service->state, status, &err);

	if (error < 0 && error != -ENOENT)
		log_warn("%s: starting with an empty status", err.text);
	service->dropped_before = status->spool_dropped;
	service->allowance.day = status->day_ms / DAY_MS;
	service->allowance.spent = status->day_syns;
	service->allowance.asked = status->day_questions;
	allowance_set_day(&service->allowance, clock_wall_ms());
	status->started_ms = clock_wall_ms();
	snprintf(status->software, sizeof(status->software),
	    "egress25-agent/" EGRESS25_VERSION);
}

static int open_all(struct service *service, struct err *err)
{
	const struct agent_options *options = &service->settings.options;
	int error = service_settings_read(
	    service->config, &service->settings, err);

	if (error == 0)
		error = statefile_open(
		    options->state, true, &service->state, err);
	if (error == 0)
		error = identity_open(
		    options, &service->state, &service->identity, err);
	if (error == 0)
		error = spool_open(
		    &service->state, SPOOL_BYTES_MAX, &service->spool, err);
	if (error < 0)
		return error;
	recall_status(service);
	if (!service->once)
		planner_open(&service->planner, &service->state, options);
	error = make_loop(service, err);
	return error;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void close_all(struct service *service)
{
	int i;

	netwatch_free(service->netwatch);
	rounds_free(service->rounds);
	uploader_free(service->uploader);
	alarm_free(service->ask);
	free_event(service->write);
	free_event(service->watchdog);
	for (i = 0; i < SIGNALS; i++)
		free_event(service->signals[i]);
	if (service->base != NULL)
		event_base_free(service->base);
	spool_close(service->spool);
	identity_close(&service->identity);
	planner_free(&service->planner);
	allowance_free(&service->allowance);
	statefile_close(&service->state);
	service_settings_free(&service->settings);
	status_free(&service->status);
}

/* Waiting reports are sent first. If a plan is wanted, the first round waits
 * for the answer about it, which always comes (on_planned()). */
static int begin(struct service *service)
{
	if (service->identity.agent_id[0] == '\0')
		disclosure_log(&service->settings.options);
	if (set_rounds(service) < 0)
		return -ENOMEM;
	if (!service->once && spool_count(service->spool) > 0)
		uploader_send_reports(service->uploader);
	if (wants_plan(service))
		on_ask(service);
	else
		begin_rounds(service);
	notify_send("READY=1");
	return 0;
}

int service_run(const char *config, bool once)
{
	struct service service = {
	    .config = config, .once = once, .state.fd = -1};
	struct err err;
	int error;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* before and after the event's time */
	error = open_all(&service, &err);
	if (error < 0) {
		close_all(&service);
		return args_fail(error, &err);
	}
	if (begin(&service) == 0)
		event_base_dispatch(service.base);
	notify_send("STOPPING=1");
	snprintf(service.status.doing, sizeof(service.status.doing), "ended");
	write_status(&service);
	close_all(&service);
	return service.exit_code;
}
