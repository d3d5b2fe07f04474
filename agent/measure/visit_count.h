/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_MEASURE_VISIT_COUNT_H
#define EGRESS25_AGENT_MEASURE_VISIT_COUNT_H

/*
 * Connects that are counted: where some pass and others do not, how many do, on
 * that port and on a control beside it? Ten of each; where these leave it open
 * whether it was chance, one more of each, and so on, up to twenty, or up to
 * twenty-eight in a check of several endpoints. It ends as soon as
 * so many connects of every port are lost that none can be held against
 * another.
 *
 * Of one port there is one at a time. Two side by side would take half of the
 * time where many vanish, and tell less: a limit of so many SYNs a minute lets
 * some pass of one in a second, and of more so few that the port looks shut;
 * and two that are out in the same second are lost together, while the test
 * takes each for a loss of its own. The host's witness would stand it: it
 * watches no connect that is counted.
 *
 * An address at which something is counted has half a minute in all, where the
 * time is short. What does not fit is not counted: then less is known. Pure.
 */

#include "agent/measure/visit_state.h"

#define VISIT_COUNT_TRIES 10

/* Some attempts pass, and others vanish or are reset: chance, somebody's limit,
 * or one of two uplinks? */
bool visit_count_is_due(const struct visit_port *port);

/* At another address of the round some of that port's attempts pass and others
 * do not (`at_once`: a first SYN was answered there): what passed or vanished
 * here may be chance. It is counted, too, now or when it has ended. True: its
 * count has begun. */
bool visit_count_suspect(
    struct visit_plan *plan, uint16_t number, bool at_once, int64_t now_us);

/* The visit follows another one to the same address: it knows how soon ports
 * answered there. */
void visit_count_remember(struct visit_plan *plan);

/* Ports that are counted are tried side by side and keep step, or nearly so:
 * what is lost for a moment is lost on all of them. Whether it is this one's
 * turn. */
bool visit_count_keeps_step(
    const struct visit_plan *plan, const struct visit_port *port);

/* Count what passes, on this port and on the best control beside it; nothing
 * happens where there is none, or no room. */
void visit_count_begin(
    struct visit_plan *plan, struct visit_port *port, int64_t now_us);

/* In a visit that counts: its time is as said above, from now on. */
void visit_count_keep_to_budget(struct visit_plan *plan);

/* An attempt that is counted, begun at `now_us`, is over before the deadline.
 */
#define VISIT_COUNT_TRY_US 2500000
bool visit_count_has_time(const struct visit_plan *plan, int64_t now_us);

/* There is none, and yet it goes on by another try of each: stopped now, a
 * count would accuse that may not in the end. The deadline is put off for it.
 */
bool visit_count_lasts(struct visit_plan *plan, int64_t now_us);

/* A counted attempt is over and added to the target. Once all are, those ports
 * that are still in doubt are given some more, and the others are counted; a
 * dialogue follows where there was none before. */
void visit_count_ended(struct visit_plan *plan, int64_t now_us);

/* The report has room for so many attempts more, besides the first ones and
 * those that are still to be counted. */
bool visit_count_has_room(const struct visit_plan *plan, size_t more);

#endif
