/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/trace_plan.h"

#include <string.h>

/* The far side must be able to stop the SYNs behind the one that it answers:
 * only so many are sent in the time that a reply takes. But a path on which
 * nobody replies has to end too. */
#define SYNS_A_REPLY    4
#define PACE_UNKNOWN_US 20000 /* while nothing has replied */
#define PACE_MAX_US     30000

/* The hop just before the answer decides how far the far side is. While that
 * one is silent, the answer may only have been lost there: it is asked more
 * often, and answers as quickly as the far side did. */
#define TRIES_BEFORE_ANSWER 5
#define ANSWER_PATIENCE_US  150000
#define ANSWERS_PATIENCE    4

void trace_plan_init(struct trace_plan *plan, const struct trace_limits *limits)
{
	memset(plan, 0, sizeof(*plan));
	plan->limits = *limits;
	if (plan->limits.min_ttl < 1)
		plan->limits.min_ttl = 1;
	if (plan->limits.max_ttl > OBSERVE_HOPS_MAX)
		plan->limits.max_ttl = OBSERVE_HOPS_MAX;
}

static int answer_ttl(const struct trace_plan *plan)
{
	int ttl;

	for (ttl = plan->limits.min_ttl; ttl <= plan->limits.max_ttl; ttl++)
		if (plan->ttls[ttl].state == TTL_ANSWERED)
			return ttl;
	return OBSERVE_ABSENT;
}

/* The last hop that replied; 0: none did. */
static int last_hop(const struct trace_plan *plan)
{
	int ttl;

	for (ttl = plan->limits.max_ttl; ttl >= plan->limits.min_ttl; ttl--)
		if (plan->ttls[ttl].answered > 0)
			return ttl;
	return 0;
}

/* The highest TTL that is worth a SYN. */
static int highest(const struct trace_plan *plan)
{
	int answer = answer_ttl(plan), last;

	if (answer != OBSERVE_ABSENT)
		return answer - 1;
	if (plan->limits.looks > 0)
		return plan->limits.max_ttl;
	last = last_hop(plan);
	if (last == 0)
		last = plan->limits.min_ttl - 1;
	if (last + plan->limits.silent_max < plan->limits.max_ttl)
		return last + plan->limits.silent_max;
	return plan->limits.max_ttl;
}

bool trace_plan_is_asking(const struct trace_plan *plan, int ttl)
{
	return plan->ttls[ttl].state == TTL_ASKING;
}

/* Asked again and again because the answer came just behind it. */
static bool is_in_doubt(const struct trace_plan *plan, int ttl)
{
	return ttl < plan->limits.max_ttl &&
	       plan->ttls[ttl + 1].state == TTL_ANSWERED;
}

static int64_t patience_ends(const struct trace_plan *plan, int ttl)
{
	int64_t patience_us = (int64_t)plan->limits.reply_ms * 1000;
	int64_t short_us = ANSWER_PATIENCE_US;

	if (plan->ttls[ttl].tries <= plan->limits.tries)
		return plan->ttls[ttl].asked_us + patience_us;
	if (plan->ttls[ttl + 1].us * ANSWERS_PATIENCE > short_us)
		short_us = plan->ttls[ttl + 1].us * ANSWERS_PATIENCE;
	if (short_us < patience_us)
		patience_us = short_us;
	return plan->ttls[ttl].asked_us + patience_us;
}

static bool has_tries_left(const struct trace_plan *plan, int ttl)
{
	int tries = plan->limits.tries;

	if (is_in_doubt(plan, ttl))
		tries += TRIES_BEFORE_ANSWER;
	return plan->ttls[ttl].tries < tries;
}

static void expire(struct trace_plan *plan, int64_t now_us)
{
	int ttl;

	for (ttl = plan->limits.min_ttl; ttl <= plan->limits.max_ttl; ttl++)
		if (trace_plan_is_asking(plan, ttl) &&
		    patience_ends(plan, ttl) <= now_us)
			plan->ttls[ttl].state = TTL_SILENT;
}

/* When a TTL is looked at again; 0: never. */
static int64_t next_look_us(const struct trace_plan *plan, int ttl)
{
	const struct trace_ttl *at = &plan->ttls[ttl];

	if (plan->limits.looks == 0 || at->tries == 0 ||
	    at->tries >= plan->limits.looks ||
	    (at->state != TTL_SILENT && at->state != TTL_HOP))
		return 0;
	return at->asked_us + (int64_t)plan->limits.look_ms * 1000;
}

/* The same for all of them. */
static int64_t first_look_us(const struct trace_plan *plan)
{
	int64_t first_us = 0, us;
	int ttl;

	for (ttl = plan->limits.min_ttl; ttl <= highest(plan); ttl++) {
		us = next_look_us(plan, ttl);
		if (us != 0 && (first_us == 0 || us < first_us))
			first_us = us;
	}
	return first_us;
}

/* The TTL to look at now; 0: none. */
static int choose_look(const struct trace_plan *plan, int64_t now_us)
{
	int ttl;

	for (ttl = plan->limits.min_ttl; ttl <= highest(plan); ttl++)
		if (plan->ttls[ttl].state == TTL_FRESH ||
		    (next_look_us(plan, ttl) != 0 &&
			next_look_us(plan, ttl) <= now_us))
			return ttl;
	return 0;
}

/* The lowest TTL that was never asked, else the one of the silent ones whose
 * last try is longest ago. 0: none. */
static int choose(const struct trace_plan *plan, int end)
{
	const struct trace_ttl *at;
	int ttl, best = 0;

	for (ttl = plan->limits.min_ttl; ttl <= end; ttl++) {
		at = &plan->ttls[ttl];
		if (at->state == TTL_FRESH)
			return ttl;
		if (at->state == TTL_SILENT && has_tries_left(plan, ttl) &&
		    (best == 0 || at->asked_us < plan->ttls[best].asked_us))
			best = ttl;
	}
	return best;
}

static int64_t pace_us(const struct trace_plan *plan)
{
	int64_t least = (int64_t)plan->limits.pace_ms * 1000;
	int64_t pace = plan->reply_us / SYNS_A_REPLY;

	/* Two ports that are looked at side by side keep step. */
	if (plan->limits.looks > 0)
		return least;
	if (plan->reply_us == 0)
		pace = PACE_UNKNOWN_US;
	if (pace > PACE_MAX_US)
		pace = PACE_MAX_US;
	return pace > least ? pace : least;
}

/* When the next silence is complete; 0: nothing is being asked. */
static int64_t next_expiry(const struct trace_plan *plan)
{
	int64_t first_us = 0;
	int ttl;

	for (ttl = plan->limits.min_ttl; ttl <= plan->limits.max_ttl; ttl++)
		if (trace_plan_is_asking(plan, ttl) &&
		    (first_us == 0 || patience_ends(plan, ttl) < first_us))
			first_us = patience_ends(plan, ttl);
	return first_us;
}

/* 0 is no time. */
static int64_t earlier(int64_t a_us, int64_t b_us)
{
	if (a_us == 0 || b_us == 0)
		return a_us + b_us;
	return a_us < b_us ? a_us : b_us;
}

struct trace_order trace_plan_next(struct trace_plan *plan, int64_t now_us)
{
	struct trace_order order = {.step = STEP_WAIT};
	int ttl;

	expire(plan, now_us);
	ttl = plan->limits.looks > 0 ? choose_look(plan, now_us)
				     : choose(plan, highest(plan));
	order.wake_us = earlier(next_expiry(plan), first_look_us(plan));
	if (ttl == 0) {
		if (order.wake_us == 0)
			order.step = STEP_OVER;
		return order;
	}
	if (now_us < plan->next_us) {
		if (order.wake_us == 0 || plan->next_us < order.wake_us)
			order.wake_us = plan->next_us;
		return order;
	}
	plan->ttls[ttl].state = TTL_ASKING;
	plan->ttls[ttl].tries++;
	plan->ttls[ttl].asked_us = now_us;
	plan->next_us = now_us + pace_us(plan);
	order.step = STEP_ASK;
	order.ttl = ttl;
	return order;
}

void trace_plan_hold(struct trace_plan *plan, int64_t until_us)
{
	if (plan->next_us < until_us)
		plan->next_us = until_us;
}

/* The far side answered at `ttl`: what is under way above is given up. */
static void stop_above(struct trace_plan *plan, int ttl)
{
	for (ttl++; ttl <= plan->limits.max_ttl; ttl++)
		if (trace_plan_is_asking(plan, ttl))
			plan->ttls[ttl].state = TTL_SILENT;
}

void trace_plan_replied(struct trace_plan *plan, int ttl,
    enum trace_reply reply, const struct addr *from, int64_t now_us)
{
	static const enum path_answer answers[] = {
	    [REPLY_SYN_ACK] = ANSWER_SYN_ACK,
	    [REPLY_RST] = ANSWER_RST,
	    [REPLY_ICMP] = ANSWER_ICMP,
	};
	struct trace_ttl *at = &plan->ttls[ttl];

	if (reply == REPLY_NOTHING) {
		at->state = TTL_SILENT;
		return;
	}
	at->us = now_us - at->asked_us;
	at->from = *from;
	plan->reply_us = at->us > 0 ? at->us : 1;
	if (reply == REPLY_HOP) {
		at->state = TTL_HOP;
		at->answered++;
		return;
	}
	at->state = TTL_ANSWERED;
	at->answer = answers[reply];
	stop_above(plan, ttl);
}

void trace_plan_path(const struct trace_plan *plan, struct path_seen *path)
{
	int ttl, end, answer = answer_ttl(plan);
	struct hop_seen *hop;

	path->reached = false;
	path->answer_ttl = answer;
	path->answer = ANSWER_NONE;
	memset(&path->answer_from, 0, sizeof(path->answer_from));
	path->nhops = 0;
	if (answer != OBSERVE_ABSENT) {
		path->answer = plan->ttls[answer].answer;
		path->reached = path->answer != ANSWER_ICMP;
		if (path->answer == ANSWER_ICMP)
			path->answer_from = plan->ttls[answer].from;
	}
	end = answer != OBSERVE_ABSENT ? answer - 1 : plan->limits.max_ttl;
	/* What was asked in vain counts: others' packets may pass there. */
	while (end > 0 && plan->ttls[end].tries == 0)
		end--;
	for (ttl = plan->limits.min_ttl; ttl <= end; ttl++) {
		hop = &path->hops[path->nhops++];
		memset(hop, 0, sizeof(*hop));
		hop->ttl = ttl;
		hop->us = OBSERVE_ABSENT;
		hop->asked = plan->ttls[ttl].tries;
		hop->answered = plan->ttls[ttl].answered;
		if (hop->answered == 0)
			continue;
		hop->address = plan->ttls[ttl].from;
		hop->us = plan->ttls[ttl].us;
	}
}
