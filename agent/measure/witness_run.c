/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure/witness_run.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/allowance.h"
#include "agent/net/host_counters_file.h"
#include "agent/net/sock.h"
#include "lib/base/clock.h"

/* The kernel sends a silent SYN again after a second and up to a tenth; from
 * shortly before, the counters are read again and again, so that little else is
 * counted between two readings. */
#define UNTIL_AGAIN_MS 920
#define LOOK_MS        5
#define GROUP_MS       1500 /* for all of that */
#define ANSWER_MS      1000 /* patience for an answer that came before */
#define PAUSE_MS       20   /* between two of them */
#define GROUP_TRIES    4
#define ONE_PORT_TRIES 8  /* beside noise; time may end before */
#define NOISE_TRIES    2  /* before a noisy group is split */
#define SYNS_MAX       4  /* of a port at a time, to be heard beside noise */
#define ANSWER_TRIES   32 /* beside noise, on a busy machine */

/* So often the kernel repeats a SYN in the longest of these. */
#define SYN_REPEATS 1

enum suspect_state { UNASKED, ASKED, SETTLED };

struct suspect {
	struct witness_run *run;
	struct witness_suspect about;
	enum suspect_state state;
	int group;         /* of the silent: those that are asked together */
	int fds[SYNS_MAX]; /* the first is watched for an answer */
	size_t nfds;
	int64_t began_us;
	int earlier; /* its retransmissions when the counters were read */
	struct event *event;
	struct witness_try tries[ANSWER_TRIES];
	size_t ntries;
};

struct witness_run {
	struct event_base *base;
	struct event *timer;
	struct allowance *allowance; /* NULL: none is kept to */
	struct suspect suspects[WITNESS_SUSPECTS_MAX];
	size_t count;
	int group, groups, tries; /* the one that is asked, and how often */
	bool noisy;               /* others' packets were counted too */
	int64_t asked_us;
	struct host_counters before, after;
	int64_t deadline_us;
	struct suspect *reset; /* that is being asked; NULL: none */
	witness_run_done *done;
	void *arg;
};

static void go_on(struct witness_run *run);

static void close_suspect(struct suspect *suspect)
{
	if (suspect->event != NULL)
		event_free(suspect->event);
	suspect->event = NULL;
	while (suspect->nfds > 0) {
		if (suspect->run->allowance != NULL)
			allowance_ended(suspect->run->allowance,
			    &suspect->about.address, suspect->about.port,
			    clock_mono_us());
		sock_close(suspect->fds[--suspect->nfds]);
	}
}

static void wait_ms(struct witness_run *run, int ms)
{
	struct timeval wait = {ms / 1000, ms % 1000 * 1000};

	event_add(run->timer, &wait);
}

static void finish(struct witness_run *run)
{
	struct witness_suspect found[WITNESS_SUSPECTS_MAX];
	witness_run_done *done = run->done;
	size_t i, count = run->count;
	void *arg = run->arg;

	for (i = 0; i < count; i++)
		found[i] = run->suspects[i].about;
	witness_run_cancel(run);
	done(arg, found, count);
}

/* --- one SYN --- */

static void on_event(evutil_socket_t fd, short what, void *arg);

/* How long until so many SYNs may be sent to the suspect's address. */
static int64_t allowed_after_us(const struct suspect *suspect, size_t count)
{
	if (suspect->run->allowance == NULL)
		return 0;
	return allowance_wait_us(suspect->run->allowance,
	    &suspect->about.address, count, clock_mono_us());
}

/* 0 or -errno, as sock_connect(). */
static int send_syn(struct suspect *suspect)
{
	int fd = sock_connect(&suspect->about.address, suspect->about.port, 0);

	if (fd < 0)
		return fd;
	suspect->fds[suspect->nfds++] = fd;
	if (suspect->run->allowance != NULL)
		allowance_sent(suspect->run->allowance, &suspect->about.address,
		    suspect->about.port, SYN_REPEATS, clock_mono_us());
	if (suspect->nfds > 1)
		return 0;
	suspect->began_us = clock_mono_us();
	suspect->event = event_new(
	    suspect->run->base, fd, EV_WRITE | EV_PERSIST, on_event, suspect);
	return suspect->event != NULL && event_add(suspect->event, NULL) == 0
		   ? 0
		   : -ENOMEM;
}

/* --- the answered, one at a time --- */

static void end_answer(struct suspect *suspect, bool answered)
{
	suspect->about.us = clock_mono_us() - suspect->began_us;
	close_suspect(suspect);
	suspect->run->reset = NULL;
	if (!answered || suspect->ntries == 0) {
		suspect->state = SETTLED;
		return;
	}
	suspect->about.host = witness_of_resets(
	    suspect->tries, suspect->ntries);
	if (suspect->about.host.known || suspect->ntries == ANSWER_TRIES)
		suspect->state = SETTLED;
}

/* The counters are read as close to the SYN as can be. */
static int send_lone_syn(struct suspect *suspect)
{
	struct host_counters earlier, before, after;
	int64_t began_us = clock_mono_us(), sent_us, ended_us;
	int error;

	host_counters_read(&earlier);
	host_counters_read(&before);
	sent_us = clock_mono_us();
	error = send_syn(suspect);
	host_counters_read(&after);
	ended_us = clock_mono_us();
	if (earlier.known && before.known && after.known)
		suspect->tries[suspect->ntries++] = (struct witness_try){
		    after.loopback_packets - before.loopback_packets,
		    before.loopback_packets - earlier.loopback_packets,
		    ended_us - sent_us > sent_us - began_us
			? ended_us - sent_us
			: sent_us - began_us};
	return error;
}

static struct suspect *next_answered(struct witness_run *run)
{
	size_t i;

	for (i = 0; i < run->count; i++)
		if (run->suspects[i].about.answered &&
		    run->suspects[i].state != SETTLED &&
		    allowed_after_us(&run->suspects[i], 1) != ALLOWANCE_NEVER)
			return &run->suspects[i];
	return NULL;
}

static bool ask_answered(struct witness_run *run)
{
	struct suspect *suspect = next_answered(run);
	int64_t after_us;
	int error;

	if (suspect == NULL)
		return false;
	after_us = allowed_after_us(suspect, 1);
	if (after_us > 0) {
		wait_ms(run, (int)(after_us / 1000) + 1);
		return true;
	}
	run->reset = suspect;
	error = send_lone_syn(run->reset);
	if (error < 0)
		end_answer(run->reset, error == -ECONNREFUSED);
	wait_ms(run, error < 0 ? PAUSE_MS : ANSWER_MS);
	return true;
}

/* --- the silent, in groups --- */

static bool is_in_group(
    const struct witness_run *run, const struct suspect *suspect)
{
	return !suspect->about.answered && suspect->group == run->group &&
	       suspect->state != SETTLED;
}

static int all_retransmits(const struct suspect *suspect)
{
	int sum = 0, more;
	size_t i;

	for (i = 0; i < suspect->nfds; i++) {
		more = sock_retransmits(suspect->fds[i]);
		sum += more > 0 ? more : 0;
	}
	return sum;
}

/* Since the counters were read. */
static int retransmits(const struct suspect *suspect)
{
	return suspect->state == ASKED
		   ? all_retransmits(suspect) - suspect->earlier
		   : 0;
}

/* The members whose port is not the first one's get a group of their own; where
 * all have one port, the second half does. */
static bool split(struct witness_run *run)
{
	struct suspect *members[WITNESS_SUSPECTS_MAX];
	size_t i, count = 0, moved = 0;

	for (i = 0; i < run->count; i++)
		if (is_in_group(run, &run->suspects[i]))
			members[count++] = &run->suspects[i];
	for (i = 1; i < count; i++)
		moved += members[i]->about.port != members[0]->about.port;
	for (i = 1; i < count; i++)
		if (moved > 0 ? members[i]->about.port != members[0]->about.port
			      : i >= (count + 1) / 2)
			members[i]->group = run->groups;
	run->groups += count > 1;
	return count > 1;
}

static void settle_group(struct witness_run *run, enum witness_says says)
{
	struct suspect *suspect;
	size_t i;

	for (i = 0; i < run->count; i++) {
		suspect = &run->suspects[i];
		if (!is_in_group(run, suspect))
			continue;
		if (suspect->state == ASKED)
			suspect->about.host = witness_report(
			    says, retransmits(suspect));
		suspect->about.us = clock_mono_us() - suspect->began_us;
		suspect->state = SETTLED;
		close_suspect(suspect);
	}
	run->group++;
	run->tries = 0;
}

static void ask_again(struct witness_run *run)
{
	size_t i;

	for (i = 0; i < run->count; i++)
		if (is_in_group(run, &run->suspects[i])) {
			close_suspect(&run->suspects[i]);
			run->suspects[i].state = UNASKED;
		}
}

/* The members of the group are of one port. */
static bool is_one_port(const struct witness_run *run)
{
	const struct suspect *first = NULL;
	size_t i;

	for (i = 0; i < run->count; i++) {
		if (!is_in_group(run, &run->suspects[i]))
			continue;
		if (first == NULL)
			first = &run->suspects[i];
		if (run->suspects[i].about.port != first->about.port)
			return false;
	}
	return true;
}

/* Nothing more is to be learned: it is proved, or was asked often enough. What
 * goes over `lo` when several SYNs go out at a time, too, is these. */
static bool is_settled(const struct witness_run *run, enum witness_says says)
{
	if (says == WITNESS_LOOPED)
		return run->tries >= NOISE_TRIES && is_one_port(run);
	return says != WITNESS_MIXED && says != WITNESS_NOISE;
}

/* Those of one port pass all or not at all, as a rule: together they are heard
 * beside noise, and split they would share the time. */
static bool is_heard_together(
    const struct witness_run *run, enum witness_says says)
{
	return says == WITNESS_NOISE && is_one_port(run);
}

static void end_group(struct witness_run *run)
{
	bool together;
	enum witness_says says;
	int64_t sum = 0, least = 0;
	size_t i;
	int more;

	for (i = 0; i < run->count; i++) {
		more = retransmits(&run->suspects[i]);
		sum += more > 0 ? more : 0;
		if (more > 0 && (least == 0 || more < least))
			least = more;
	}
	says = witness_of_silence(&run->before, &run->after, sum, least);
	together = is_heard_together(run, says);
	run->tries++;
	if ((sum > 0 && is_settled(run, says)) ||
	    run->tries >= (together ? ONE_PORT_TRIES : GROUP_TRIES)) {
		settle_group(run, says);
		return;
	}
	ask_again(run);
	run->noisy = run->noisy || says == WITNESS_NOISE ||
		     says == WITNESS_LOOPED;
	if ((says == WITNESS_MIXED ||
		(run->tries >= NOISE_TRIES && !together)) &&
	    split(run))
		run->tries = 0;
}

/* Those of the group that are at the suspect's address. */
static size_t count_beside(
    const struct witness_run *run, const struct suspect *suspect)
{
	size_t i, count = 0;

	for (i = 0; i < run->count; i++)
		count += is_in_group(run, &run->suspects[i]) &&
			 addr_equal(&run->suspects[i].about.address,
			     &suspect->about.address);
	return count;
}

/* How long until all of the group may be asked; those that never may are left
 * out. */
static int64_t group_allowed_after_us(struct witness_run *run)
{
	int64_t after_us, longest_us = 0;
	struct suspect *suspect;
	size_t i;

	for (i = 0; i < run->count; i++) {
		suspect = &run->suspects[i];
		if (!is_in_group(run, suspect))
			continue;
		after_us = allowed_after_us(
		    suspect, count_beside(run, suspect));
		if (after_us == ALLOWANCE_NEVER)
			suspect->state = SETTLED;
		else if (after_us > longest_us)
			longest_us = after_us;
	}
	return longest_us;
}

/* One SYN, or beside noise as many as are allowed. */
static bool ask(struct suspect *suspect)
{
	size_t syns = suspect->run->noisy ? SYNS_MAX : 1;

	suspect->state = SETTLED;
	for (; syns > 0 && allowed_after_us(suspect, 1) == 0 &&
	       send_syn(suspect) == 0;
	     syns--)
		suspect->state = ASKED;
	return suspect->state == ASKED;
}

static bool ask_group(struct witness_run *run)
{
	bool asked = false;
	size_t i;

	for (i = 0; i < run->count; i++)
		if (is_in_group(run, &run->suspects[i]))
			asked = ask(&run->suspects[i]) || asked;
	run->before.known = false;
	run->asked_us = clock_mono_us();
	if (asked)
		wait_ms(run, UNTIL_AGAIN_MS);
	return asked;
}

/* Those of the asked whose SYN was sent again since the last reading; `all`:
 * whether these are all. */
static size_t count_sent_again(const struct witness_run *run, bool *all)
{
	const struct suspect *suspect;
	size_t i, count = 0;

	*all = true;
	for (i = 0; i < run->count; i++) {
		suspect = &run->suspects[i];
		if (suspect->state != ASKED)
			continue;
		count += retransmits(suspect) > 0;
		*all = *all && retransmits(suspect) >= (int)suspect->nfds;
	}
	return count;
}

/* Begin to count from this reading. */
static void begin_counting(struct witness_run *run)
{
	size_t i;

	run->before = run->after;
	for (i = 0; i < run->count; i++)
		if (run->suspects[i].state == ASKED)
			run->suspects[i].earlier = all_retransmits(
			    &run->suspects[i]);
}

/* Waits on, or ends the look at a group. */
static bool look_at_group(struct witness_run *run)
{
	int64_t took_us = clock_mono_us() - run->asked_us;
	size_t sent;
	bool all;

	sent = count_sent_again(run, &all);
	host_counters_read(&run->after);
	if (took_us < GROUP_MS * 1000ll && !(all && run->before.known)) {
		if (!run->before.known || sent == 0)
			begin_counting(run);
		wait_ms(run, LOOK_MS);
		return true;
	}
	end_group(run);
	return false;
}

/* --- the run --- */

/* A silent port answered after all, or a reset came. */
static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct suspect *suspect = arg;
	struct witness_run *run = suspect->run;
	struct sock_result result;

	(void)what;
	sock_result(fd, &result);
	if (result.pending)
		return;
	if (suspect == run->reset) {
		suspect->about.connected = result.connected;
		end_answer(suspect, result.connected ||
					result.sys_errno == ECONNREFUSED ||
					result.icmp.type != OBSERVE_ABSENT);
		event_del(run->timer);
		wait_ms(run, PAUSE_MS);
		return;
	}
	suspect->state = SETTLED;
	close_suspect(suspect);
}

static bool is_group_asked(const struct witness_run *run)
{
	size_t i;

	for (i = 0; i < run->count; i++)
		if (run->suspects[i].state == ASKED)
			return true;
	return false;
}

static void go_on(struct witness_run *run)
{
	int64_t left_us, after_us;

	if (run->reset != NULL)
		end_answer(run->reset, false);
	if (is_group_asked(run) && look_at_group(run))
		return;
	left_us = run->deadline_us - clock_mono_us();
	if (left_us > ANSWER_MS * 1000ll && ask_answered(run))
		return;
	while (left_us > GROUP_MS * 1000ll && run->group < run->groups) {
		after_us = group_allowed_after_us(run);
		if (after_us > 0) {
			wait_ms(run, (int)(after_us / 1000) + 1);
			return;
		}
		if (ask_group(run))
			return;
		run->group++;
		run->tries = 0;
	}
	finish(run);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	go_on(arg);
}

struct witness_run *witness_run_start(struct event_base *base,
    const struct witness_suspect *suspects, size_t count, int64_t deadline_us,
    witness_run_done *done, void *arg)
{
	struct witness_run *run = calloc(1, sizeof(*run));
	size_t i;

	if (run == NULL)
		return NULL;
	run->base = base;
	run->count = count < WITNESS_SUSPECTS_MAX ? count
						  : WITNESS_SUSPECTS_MAX;
	for (i = 0; i < run->count; i++) {
		run->suspects[i].run = run;
		run->suspects[i].about = suspects[i];
	}
	run->groups = 1;
	run->deadline_us = deadline_us;
	run->done = done;
	run->arg = arg;
	run->timer = evtimer_new(base, on_timer, run);
	if (run->timer == NULL) {
		witness_run_cancel(run);
		return NULL;
	}
	wait_ms(run, 0);
	return run;
}

void witness_run_keep_to(struct witness_run *run, struct allowance *allowance)
{
	run->allowance = allowance;
}

void witness_run_cancel(struct witness_run *run)
{
	size_t i;

	if (run == NULL)
		return;
	for (i = 0; i < run->count; i++)
		close_suspect(&run->suspects[i]);
	if (run->timer != NULL)
		event_free(run->timer);
	free(run);
}
