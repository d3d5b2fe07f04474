/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/identity.h"
#include "agent/memory.h"
#include "agent/resolve.h"
#include "agent/round.h"
#include "agent/spool.h"
#include "agent/tls.h"
#include "agent/uplink.h"
#include "lib/args.h"
#include "lib/clock.h"
#include "lib/endpoints_file.h"
#include "lib/log.h"

#define SPOOL_BYTES_MAX  (64 * 1024 * 1024)
#define ROUND_TIMEOUT_MS (180 * 1000)
#define BANNER_MS        (60 * 1000)
#define VISITS_MAX       32

/* What the service does in turn; each step ends with a call of the next. */
struct service {
	const struct agent_options *options;
	bool once, only_enrol;
	const char *token;
	int exit_code;

	struct event_base *base;
	struct event *sigterm, *sigint, *next_cycle;
	struct endpoint_list endpoints;
	struct identity identity;
	struct spool *spool;
	struct httpc_url url;

	/* Of a cycle; all gone between two of them, to stay small. */
	struct resolver *resolver;
	struct ssl_ctx_st *probe_tls, *collector_tls;
	struct uplink *uplink;
	struct round *round;
	struct source_seen source4, source6;
	char ehlo4[ADDR_TEXT_SIZE], ehlo6[ADDR_TEXT_SIZE];
	char uploading[REPORT_ID_SIZE];
	bool enrolled_again, round_over, refused;
	int retry_after_s; /* as the collector said last; 0: it did not */
};

static void prove_sources(struct service *service);
static void begin_round(struct service *service);
static void upload_next(struct service *service);

/* --- a cycle's end --- */

static void drop_cycle(struct service *service)
{
	round_cancel(service->round);
	service->round = NULL;
	uplink_free(service->uplink);
	service->uplink = NULL;
	resolver_free(service->resolver);
	service->resolver = NULL;
	tls_context_free(service->probe_tls);
	service->probe_tls = NULL;
	tls_context_free(service->collector_tls);
	service->collector_tls = NULL;
}

static void on_cycle_end(evutil_socket_t fd, short what, void *arg);

/* The cycle is over: end, or rest. The cycle's parts are freed from the loop,
 * never under their own callbacks. */
static void end_cycle(struct service *service, int exit_code)
{
	struct timeval now = {0};

	service->exit_code = exit_code;
	event_base_once(
	    service->base, -1, EV_TIMEOUT, on_cycle_end, service, &now);
}

/* The interval, a tenth more or less; longer where the collector asked for
 * it, because a round that it gives no proof for is of little use. */
static int64_t rest_ms(const struct service *service)
{
	int64_t ms = service->options->interval_s * 900;
	int64_t asked_ms = service->retry_after_s * INT64_C(1000);
	uint16_t random;

	random_bytes(&random, sizeof(random));
	ms += service->options->interval_s * 200 * random / UINT16_MAX;
	return ms > asked_ms ? ms : asked_ms;
}

static void on_cycle_end(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;
	struct timeval rest;
	int64_t ms;

	(void)fd;
	(void)what;
	drop_cycle(service);
	if (service->once || service->only_enrol) {
		event_base_loopbreak(service->base);
		return;
	}
	memory_rest();
	ms = rest_ms(service);
	log_info("the next round is in %lld s", (long long)(ms / 1000));
	rest.tv_sec = ms / 1000;
	rest.tv_usec = ms % 1000 * 1000;
	event_add(service->next_cycle, &rest);
}

static void end_cycle_badly(struct service *service, const struct err *err)
{
	log_error("%s", err->text);
	end_cycle(service, EXIT_OURS);
}

/* --- enrolment --- */

static void say_what_waits(struct service *service, const char *why)
{
	log_warn("%zu reports wait in the spool: %s",
	    spool_count(service->spool), why);
	end_cycle(service, EXIT_OURS);
}

static void on_not_enrolled(
    struct service *service, const struct uplink_result *result)
{
	service->retry_after_s = result->retry_after_s;
	log_error("enrolment: %s", result->why);
	if (service->only_enrol)
		end_cycle(service,
		    result->end == UPLINK_REFUSED ? EXIT_USAGE : EXIT_OURS);
	else if (service->round_over)
		say_what_waits(service, "this agent is not enrolled");
	else
		begin_round(service);
}

static void on_enrolled(void *arg, const struct uplink_result *result)
{
	struct service *service = arg;
	struct err err;

	if (result->end != UPLINK_OK) {
		on_not_enrolled(service, result);
		return;
	}
	if (identity_keep(service->options, result->agent_id,
		&service->identity, &err) < 0) {
		end_cycle_badly(service, &err);
		return;
	}
	log_info("enrolled at %s as agent %s", service->options->collector,
	    result->agent_id);
	if (service->only_enrol)
		end_cycle(service, EXIT_FINE);
	else if (service->round_over)
		upload_next(service);
	else
		prove_sources(service);
}

static void enrol(struct service *service)
{
	uplink_enrol(service->uplink, service->token, service->options->contact,
	    on_enrolled, service);
}

/* The collector does not know us (any more). Once a cycle we enrol anew. */
static bool enrol_again(
    struct service *service, const struct uplink_result *result)
{
	if (result->status != 401 || service->enrolled_again)
		return false;
	service->enrolled_again = true;
	log_warn("%s: enrolling again", result->why);
	enrol(service);
	return true;
}

/* --- source proofs --- */

static void keep_source(const struct source_seen *from, struct source_seen *to,
    char ehlo[ADDR_TEXT_SIZE])
{
	*to = *from;
	ehlo[0] = '\0';
	if (from->address.family != 0)
		addr_format_literal(&from->address, ehlo);
}

static void on_proved(void *arg, const struct uplink_result *result)
{
	struct service *service = arg;

	if (result->end != UPLINK_OK && enrol_again(service, result))
		return;
	service->retry_after_s = result->retry_after_s;
	if (result->end != UPLINK_OK)
		log_warn("no source proof, so that this round will not be "
			 "attributed: %s",
		    result->why);
	keep_source(&result->source4, &service->source4, service->ehlo4);
	keep_source(&result->source6, &service->source6, service->ehlo6);
	begin_round(service);
}

static void prove_sources(struct service *service)
{
	uplink_whoami(service->uplink, on_proved, service);
}

/* --- the round --- */

static void name_report(struct service *service, struct report *report)
{
	uuid7(report->started_ms, report->id);
	identity_name_or_expected(&service->identity, report->agent);
	snprintf(report->software, sizeof(report->software),
	    "egress25-agent/" EGRESS25_VERSION);
	report->source4 = service->source4;
	report->source6 = service->source6;
}

static void on_round(void *arg, struct report *report)
{
	struct service *service = arg;
	char id[REPORT_ID_SIZE];
	struct buf json = {0};
	struct err err;
	int error;

	service->round = NULL;
	service->round_over = true;
	name_report(service, report);
	memcpy(id, report->id, sizeof(id));
	report_encode(report, &json);
	log_info("round over: %zu addresses seen", report->ntargets);
	report_free(report);
	error = json.failed ? err_system(&err, -ENOMEM, "the report")
			    : spool_put(service->spool, id, json.data,
				  json.length, &err);
	buf_free(&json);
	if (error < 0) {
		end_cycle_badly(service, &err);
		return;
	}
	upload_next(service);
}

static const char *ehlo_or(const struct service *service, const char *literal)
{
	if (service->options->helo[0] != '\0')
		return service->options->helo;
	return literal[0] != '\0' ? literal : NULL;
}

static void begin_round(struct service *service)
{
	struct round_request request = {
	    .endpoints = &service->endpoints,
	    .ports = service->options->ports,
	    .family4 = service->options->families != FAMILIES_6,
	    .family6 = service->options->families != FAMILIES_4,
	    .trace = (enum trace_when)service->options->trace,
	    .ehlo4 = ehlo_or(service, service->ehlo4),
	    .ehlo6 = ehlo_or(service, service->ehlo6),
	    .banner_ms = BANNER_MS,
	    .timeout_ms = ROUND_TIMEOUT_MS,
	    .visits_max = VISITS_MAX,
	};
	struct err err;

	service->round = round_start(service->base, service->resolver,
	    service->probe_tls, &request, NULL, on_round, service);
	if (service->round == NULL) {
		err_system(&err, -ENOMEM, "a round");
		end_cycle_badly(service, &err);
	}
}

/* --- upload --- */

static void on_uploaded(void *arg, const struct uplink_result *result)
{
	struct service *service = arg;
	struct err err;
	int error = 0;

	if (result->end == UPLINK_OK) {
		error = spool_remove(service->spool, service->uploading, &err);
	} else if (enrol_again(service, result)) {
		return;
	} else if (result->end == UPLINK_REFUSED && result->status != 401) {
		log_error("report %s can never be accepted and is kept aside: "
			  "%s",
		    service->uploading, result->why);
		service->refused = true;
		error = spool_set_aside(
		    service->spool, service->uploading, &err);
	} else {
		service->retry_after_s = result->retry_after_s;
		say_what_waits(service, result->why);
		return;
	}
	if (error < 0)
		end_cycle_badly(service, &err);
	else
		upload_next(service);
}

static void upload_next(struct service *service)
{
	struct buf json = {0};
	struct err err;
	int error;

	if (service->uplink == NULL) {
		log_info("no collector is set: %zu reports are kept",
		    spool_count(service->spool));
		end_cycle(service, EXIT_FINE);
		return;
	}
	if (service->identity.agent_id[0] == '\0') {
		say_what_waits(service, "this agent is not enrolled");
		return;
	}
	error = spool_oldest(service->spool, service->uploading, &json, &err);
	if (error == 0)
		uplink_report(service->uplink, json.data, json.length,
		    on_uploaded, service);
	else if (error == -ENOENT)
		end_cycle(service, service->refused ? EXIT_OURS : EXIT_FINE);
	else
		end_cycle_badly(service, &err);
	buf_free(&json);
}

/* --- a cycle's beginning --- */

static int make_uplink(struct service *service, struct err *err)
{
	int error;

	if (service->options->collector[0] == '\0')
		return 0;
	error = service->url.tls ? tls_verifying_context(service->options->ca,
				       &service->collector_tls, err)
				 : 0;
	if (error < 0)
		return error;
	service->uplink = uplink_new(service->base, service->resolver,
	    &service->url, service->collector_tls, service->identity.key,
	    service->identity.agent_id);
	return service->uplink != NULL ? 0
				       : err_system(err, -ENOMEM, "a cycle");
}

static void begin_cycle(struct service *service)
{
	const char *dns = service->options->dns;
	struct err err;
	int error;

	service->enrolled_again = false;
	service->round_over = false;
	service->refused = false;
	service->retry_after_s = 0;
	memset(&service->source4, 0, sizeof(service->source4));
	memset(&service->source6, 0, sizeof(service->source6));
	error = resolver_new(
	    service->base, dns[0] ? dns : NULL, &service->resolver, &err);
	if (error == 0)
		error = tls_probe_context(&service->probe_tls, &err);
	if (error == 0)
		error = make_uplink(service, &err);
	if (error < 0)
		end_cycle_badly(service, &err);
	else if (service->uplink == NULL)
		begin_round(service);
	else if (service->only_enrol || service->identity.agent_id[0] == '\0')
		enrol(service);
	else
		prove_sources(service);
}

static void on_next_cycle(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin_cycle(arg);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct service *service = arg;

	(void)what;
	log_info("signal %d: ending", (int)number);
	service->exit_code = service->once ? EXIT_OURS : EXIT_FINE;
	event_base_loopbreak(service->base);
}

/* --- start and end --- */

static void say_what_is_sent(const struct agent_options *options)
{
	log_info("this agent tries mail ports of the servers in %s and sends "
		 "no mail",
	    agent_options_endpoints(options));
	if (options->collector[0] == '\0')
		return;
	log_info("what it sees, with the routers on the way and this host's "
		 "public address, goes to %s; published are the network, the "
		 "prefix (/24 or /48) and a pseudonym, never the address",
	    options->collector);
}

static int make_loop(struct service *service, struct err *err)
{
	struct timeval now = {0};

	service->base = event_base_new();
	if (service->base == NULL)
		return err_system(err, -ENOMEM, "the event loop");
	service->sigterm = evsignal_new(
	    service->base, SIGTERM, on_signal, service);
	service->sigint = evsignal_new(
	    service->base, SIGINT, on_signal, service);
	service->next_cycle = evtimer_new(
	    service->base, on_next_cycle, service);
	if (service->sigterm == NULL || service->sigint == NULL ||
	    service->next_cycle == NULL ||
	    event_add(service->sigterm, NULL) < 0 ||
	    event_add(service->sigint, NULL) < 0 ||
	    event_add(service->next_cycle, &now) < 0)
		return err_system(err, -ENOMEM, "the event loop");
	return 0;
}

static int open_all(struct service *service, struct err *err)
{
	const struct agent_options *options = service->options;
	int error = 0;

	if (options->collector[0] != '\0')
		error = httpc_parse_url(options->collector, &service->url, err);
	else if (service->only_enrol)
		error = err_input(err, "no collector is set");
	if (error == 0 && !service->only_enrol)
		error = endpoints_read(
		    agent_options_endpoints(options), &service->endpoints, err);
	if (error == 0)
		error = identity_open(options, &service->identity, err);
	if (error == 0 && !service->only_enrol)
		error = spool_open(
		    options->state, SPOOL_BYTES_MAX, &service->spool, err);
	return error < 0 ? error : make_loop(service, err);
}

static void close_all(struct service *service)
{
	drop_cycle(service);
	if (service->sigterm != NULL)
		event_free(service->sigterm);
	if (service->sigint != NULL)
		event_free(service->sigint);
	if (service->next_cycle != NULL)
		event_free(service->next_cycle);
	if (service->base != NULL)
		event_base_free(service->base);
	spool_close(service->spool);
	identity_close(&service->identity);
	endpoints_free(&service->endpoints);
}

static int run(struct service *service)
{
	struct err err;
	int error;

	signal(SIGPIPE, SIG_IGN);
	error = open_all(service, &err);
	if (error < 0) {
		log_error("%s", err.text);
		close_all(service);
		return error == -EINVAL ? EXIT_USAGE : EXIT_OURS;
	}
	if (!service->only_enrol)
		say_what_is_sent(service->options);
	event_base_dispatch(service->base);
	close_all(service);
	return service->exit_code;
}

int service_run(const struct agent_options *options, bool once)
{
	struct service service = {.options = options, .once = once};

	return run(&service);
}

int service_enrol(const struct agent_options *options, const char *token)
{
	struct service service = {
	    .options = options,
	    .only_enrol = true,
	    .token = token,
	};

	return run(&service);
}
