/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_LIB_DIAGNOSE_COUNTED_H
#define EGRESS25_LIB_DIAGNOSE_COUNTED_H

/*
 * Connects to one port, counted beside those to another one of the address: do
 * fewer of them pass than chance explains? Packets that are lost without regard
 * to the port are lost on both, and then an exact test (Fisher's, of one side)
 * finds a difference in fewer than one case in a thousand. It is the network's
 * only where another owner's endpoint shows the same: one in a million. So it
 * is where three owners' endpoints show it of which each may be chance in two
 * cases of a hundred; that takes fewer connects, and no two owners who let a
 * client connect so often and no oftener are taken for it. And few enough have
 * to pass of all of them together.
 */

#include "lib/diagnose/evidence.h"

/* Others can be held against a port of whose connects so many passed, if all of
 * `more` will, too. */
bool counted_may_be_steady(int tries, int passed, int more);

/* Another port that many connects tried and nearly all passed, to count a
 * throttled one against. NULL: none. */
const struct port_evidence *counted_steady_control(
    const struct evidence *evidence, const struct port_evidence *port);

/* At how many owners' endpoints it must be shown: how sure one has to be at
 * each. */
enum counted_owners { COUNTED_AT_TWO, COUNTED_AT_THREE };

/* Some connects pass, and so many others vanish, or are reset from nearer than
 * the endpoint, that it is no chance. */
bool counted_is_throttled(const struct evidence *evidence,
    const struct port_evidence *port, enum counted_owners owners);

/* What passed and what did not, to be added up over endpoints: of connects,
 * where most of what does not pass is turned away, else of SYNs. */
struct counted_sum {
	bool connects;
	int passed, failed;
};

struct counted_sum counted_sum_of(
    const struct evidence *evidence, const struct port_evidence *port);

/* Of all of them together few enough pass. */
bool counted_are_throttled(const struct counted_sum *const *sums, size_t count);

/* What becomes of most of what does not pass: it is reset from nearer than the
 * endpoint, or ICMP comes of it, from neither end. */
enum counted_how { COUNTED_VANISHES, COUNTED_RESET, COUNTED_PROHIBITED };

enum counted_how counted_how(
    const struct evidence *evidence, const struct port_evidence *port);

/* Two owners would not tell, or not if one more passed, and yet fewer did than
 * of its steady control: more connects would tell, at so many owners'
 * endpoints. */
bool counted_is_unsure(const struct evidence *evidence,
    const struct port_evidence *port, enum counted_owners owners);

/* Some connects were refused, though so few that it need be no limit (or would,
 * if one more passed): more would tell. */
bool counted_is_unsure_of_resets(const struct port_evidence *port);

/* Nothing passes any more: what did pass, and was not cut off itself, did so at
 * the beginning. A limit would have let another one pass meanwhile. */
bool counted_was_shut_meanwhile(const struct port_evidence *port);

/* How likely it is that, of so many tries on two ports that are lost alike, so
 * few on the first one or fewer passed; the sum of all is given. */
double counted_chance(int passed, int lost, int other_passed, int other_lost);

#endif
