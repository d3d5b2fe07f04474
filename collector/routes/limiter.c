/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/routes/limiter.h"

#include <pthread.h>
#include <stdlib.h>

#include "collector/intake/throttle.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

#define BURSTS_AN_HOUR 6 /* of reports and probes */

enum purpose { ENROLMENTS, KEY_CHANGES, REPORTS, PROBES };

struct limiter {
	pthread_mutex_t lock;
	struct throttle throttle;
};

struct limiter *limiter_new(void)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter == NULL)
		return NULL;
	pthread_mutex_init(&limiter->lock, NULL);
	random_bytes(&limiter->throttle.seed, sizeof(limiter->throttle.seed));
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	pthread_mutex_destroy(&limiter->lock);
	free(limiter);
}

static int take_both(
    struct limiter *limiter, const struct throttle_charge charges[2])
{
	int after_s;

	pthread_mutex_lock(&limiter->lock);
	after_s = throttle_take(
	    &limiter->throttle, charges, 2, clock_mono_us());
	pthread_mutex_unlock(&limiter->lock);
	return after_s;
}

int limiter_take_enrolment(struct limiter *limiter,
    const struct collector_options *options, const struct addr *client)
{
	const struct throttle *throttle = &limiter->throttle;
	int64_t address = options->limit_enrol_address;
	int64_t prefix = options->limit_enrol_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_address_key(throttle, ENROLMENTS, client), address,
		address, 1},
	    {throttle_prefix_key(throttle, ENROLMENTS, client), prefix, prefix,
		1},
	};

	return take_both(limiter, charges);
}

int limiter_take_key_change(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	const struct throttle *throttle = &limiter->throttle;
	int64_t changes = options->limit_key_changes;
	int64_t prefix = options->limit_enrol_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, KEY_CHANGES, agent), changes, changes, 1},
	    {throttle_prefix_key(throttle, KEY_CHANGES, client), prefix, prefix,
		1},
	};

	return take_both(limiter, charges);
}

static int64_t burst_of(int64_t an_hour)
{
	return an_hour < BURSTS_AN_HOUR ? 1 : an_hour / BURSTS_AN_HOUR;
}

int limiter_take_report(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client)
{
	const struct throttle *throttle = &limiter->throttle;
	int64_t one = options->limit_reports_agent;
	int64_t prefix = options->limit_reports_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, REPORTS, agent), one, burst_of(one), 1},
	    {throttle_prefix_key(throttle, REPORTS, client), prefix,
		burst_of(prefix), 1},
	};

	return take_both(limiter, charges);
}

int limiter_take_probes(struct limiter *limiter,
    const struct collector_options *options, const char *agent,
    const struct addr *client, size_t probes)
{
	const struct throttle *throttle = &limiter->throttle;
	int64_t one = options->limit_probes_agent;
	int64_t prefix = options->limit_probes_prefix;
	const struct throttle_charge charges[2] = {
	    {throttle_key(throttle, PROBES, agent), one, burst_of(one),
		(int64_t)probes},
	    {throttle_prefix_key(throttle, PROBES, client), prefix,
		burst_of(prefix), (int64_t)probes},
	};

	return take_both(limiter, charges);
}
