/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/client_limits.h"

#include <pthread.h>
#include <stdlib.h>

#include "collector/intake/throttle.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

#define BURSTS_AN_HOUR 6 /* of reports and probes */

/* Looks for a key an hour and at once, of an agent and of a prefix. */
#define LOOKS               720
#define LOOKS_AT_ONCE       12
#define LOOKS_THERE         3600
#define LOOKS_THERE_AT_ONCE 30

enum purpose {
	ENROLMENTS,
	KEY_CHANGES,
	REPORTS,
	PROBES,
	READS,
	ASKS,
	LOOKS_ANEW
};

struct client_limits {
	pthread_mutex_t lock;
	struct throttle throttle;
};

struct client_limits *client_limits_new(void)
{
	struct client_limits *limits = calloc(1, sizeof(*limits));

	if (limits == NULL)
		return NULL;
	pthread_mutex_init(&limits->lock, NULL);
	random_bytes(&limits->throttle.seed, sizeof(limits->throttle.seed));
	return limits;
}

void client_limits_free(struct client_limits *limits)
{
	if (limits == NULL)
		return;
	pthread_mutex_destroy(&limits->lock);
	free(limits);
}

static int take_both(
    struct client_limits *limits, const struct throttle_charge charges[2])
{
	int after_s;

	pthread_mutex_lock(&limits->lock);
	after_s = throttle_take(&limits->throttle, charges, 2, clock_mono_us());
	pthread_mutex_unlock(&limits->lock);
	return after_s;
}

int client_limits_enrol(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client)
{
	const struct throttle *throttle = &limits->throttle;
	int64_t address = options->limit_enrol_address;
	int64_t prefix = options->limit_enrol_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_address_key(throttle, ENROLMENTS, client), address,
		address, 1},
	    {throttle_prefix_key(throttle, ENROLMENTS, client), prefix, prefix,
		1},
	};

	return take_both(limits, charges);
}

int client_limits_change_key(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	const struct throttle *throttle = &limits->throttle;
	int64_t changes = options->limit_key_changes;
	int64_t prefix = options->limit_enrol_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, KEY_CHANGES, agent), changes, changes, 1},
	    {throttle_prefix_key(throttle, KEY_CHANGES, client), prefix, prefix,
		1},
	};

	return take_both(limits, charges);
}

static int64_t burst_of(int64_t an_hour)
{
	return an_hour < BURSTS_AN_HOUR ? 1 : an_hour / BURSTS_AN_HOUR;
}

/* Reports, and what else each may be followed by as often. */
static int take_as_report(struct client_limits *limits, enum purpose purpose,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	const struct throttle *throttle = &limits->throttle;
	int64_t one = options->limit_reports_agent;
	int64_t prefix = options->limit_reports_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, purpose, agent), one, burst_of(one), 1},
	    {throttle_prefix_key(throttle, purpose, client), prefix,
		burst_of(prefix), 1},
	};

	return take_both(limits, charges);
}

int client_limits_report(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	return take_as_report(limits, REPORTS, options, agent, client);
}

int client_limits_ask(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	return take_as_report(limits, ASKS, options, agent, client);
}

int client_limits_look_anew(
    struct client_limits *limits, const char *agent, const struct addr *client)
{
	const struct throttle *throttle = &limits->throttle;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, LOOKS_ANEW, agent), LOOKS, LOOKS_AT_ONCE,
		1},
	    {throttle_prefix_key(throttle, LOOKS_ANEW, client), LOOKS_THERE,
		LOOKS_THERE_AT_ONCE, 1},
	};

	return take_both(limits, charges);
}

int client_limits_probes(struct client_limits *limits,
    const struct collector_options *options, const char *agent,
    const struct addr *client, size_t probes)
{
	const struct throttle *throttle = &limits->throttle;
	int64_t one = options->limit_probes_agent;
	int64_t prefix = options->limit_probes_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, PROBES, agent), one, burst_of(one),
		(int64_t)probes},
	    {throttle_prefix_key(throttle, PROBES, client), prefix,
		burst_of(prefix), (int64_t)probes},
	};

	return take_both(limits, charges);
}

static struct throttle_charge charge_of(const struct client_limits *limits,
    const struct collector_options *options, const struct addr *client,
    int64_t us)
{
	int64_t an_hour = options->limit_reads_address * 1000;

	return (struct throttle_charge){
	    throttle_address_key(&limits->throttle, READS, client), an_hour,
	    burst_of(an_hour), us};
}

int client_limits_may_read(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client)
{
	const struct throttle_charge charge = charge_of(
	    limits, options, client, 0);
	int after_s;

	pthread_mutex_lock(&limits->lock);
	after_s = throttle_take(&limits->throttle, &charge, 1, clock_mono_us());
	pthread_mutex_unlock(&limits->lock);
	return after_s;
}

void client_limits_spend(struct client_limits *limits,
    const struct collector_options *options, const struct addr *client,
    int64_t us)
{
	const struct throttle_charge charge = charge_of(
	    limits, options, client, us);

	pthread_mutex_lock(&limits->lock);
	throttle_spend(&limits->throttle, &charge, clock_mono_us());
	pthread_mutex_unlock(&limits->lock);
}
