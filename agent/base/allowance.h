/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_BASE_ALLOWANCE_H
#define EGRESS25_AGENT_BASE_ALLOWANCE_H

/*
 * How often an agent connects, and asks DNS, for a collector, whatever that
 * one's plan says:
 *
 * - within any second, at most `rate` SYNs to one address, and ten times that
 *   to all. Traces, the kernel's repeats of a SYN and the host's witness count
 *   as well;
 * - a visit to an address at most once a minute, and no sooner than an
 *   endpoint's interval after one under another endpoint's name;
 * - at most `rate` times ten DNS questions a second: one for each name and
 *   family, one for a domain's MX;
 * - at most `daily` SYNs and `daily_questions` DNS questions a day (UTC).
 *
 * The times of SYNs are on clock_mono_us(), those of visits on alarm_now_ms().
 * Pure.
 */

#include "lib/base/addr.h"
#include "lib/base/day.h"

#define ALLOWANCE_ALL       10             /* times `rate` */
#define ALLOWANCE_GAP_MS    INT64_C(60000) /* between two visits */
#define ALLOWANCE_ADDRESSES 4096           /* remembered */
#define ALLOWANCE_NEVER     INT64_MAX

struct allowance_visit {
	struct addr to;
	uint32_t name; /* a hash of the endpoint's */
	int64_t at_ms;
};

/* A SYN that was sent, or that the kernel will send in time. */
struct allowance_syn {
	struct addr to;
	uint16_t port;
	int64_t at_us;
};

/* Zero-initialised; the first three are the owner's to set, also later. End
 * with allowance_free(). */
struct allowance {
	int64_t rate, daily, daily_questions;
	int64_t day, spent, asked; /* since 1970; SYNs and questions in it */
	int64_t next_ask_us;       /* not before */
	struct allowance_visit *visits; /* owned */
	size_t nvisits;
	struct allowance_syn *syns; /* owned */
	size_t nsyns, syns_room;
};

/* The wall clock says so. Yesterday is not begun again; an earlier day is,
 * since then the clock was wrong before. */
void allowance_set_day(struct allowance *allowance, int64_t wall_ms);

enum allowance_answer {
	ALLOWANCE_YES,
	ALLOWANCE_TOO_SOON,
	ALLOWANCE_DAY_SPENT,
};

/* A visit to `to` for the endpoint of that name begins, if the answer is YES.
 */
enum allowance_answer allowance_visit(struct allowance *allowance,
    const struct addr *to, const char *endpoint, int64_t interval_ms,
    int64_t now_ms);

/* How long to wait until `count` SYNs may be sent to `to`; 0: now. Ask again
 * then. ALLOWANCE_NEVER: not today, or never so many at once. */
int64_t allowance_wait_us(struct allowance *allowance, const struct addr *to,
    size_t count, int64_t now_us);

/* A SYN was sent; the kernel will repeat it so often, after 1 s, 2 s, ... */
void allowance_sent(struct allowance *allowance, const struct addr *to,
    uint16_t port, int repeats, int64_t now_us);

/* The connect is over: no repeats of its SYN will come. */
void allowance_ended(struct allowance *allowance, const struct addr *to,
    uint16_t port, int64_t now_us);

/* How long to wait until `count` DNS questions may be asked; 0: now. Ask again
 * then. ALLOWANCE_NEVER: not today. */
int64_t allowance_ask_wait_us(
    const struct allowance *allowance, size_t count, int64_t now_us);

void allowance_asked(struct allowance *allowance, size_t count, int64_t now_us);

/* No round is running: give the memory for SYNs back. */
void allowance_rest(struct allowance *allowance);

void allowance_free(struct allowance *allowance);

#endif
