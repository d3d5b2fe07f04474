/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_JUDGE_H
#define EGRESS25_COLLECTOR_VERDICT_JUDGE_H

/*
 * The verdict (doc/verdict.md), from evidence to what is published. What one
 * network is called depends a little on all: on how well endpoints were, on
 * when an agent was first heard of, on how sure the other accusations are. So
 * all networks are seen twice before one of them is judged:
 *
 *	judge_init(); judge_enrol() for each agent;
 *	judge_learn() for each network;
 *	judge_decide() and judge_note() for each network; judge_close();
 *	judge_decide() for whichever is asked for; judge_free().
 *
 * The same rows and the same time give the same verdicts, to the byte. After
 * judge_close() any thread may use it. Pure but for the memory that it owns.
 */

#include "collector/record/network.h"
#include "collector/record/review.h"
#include "collector/verdict/evidence/health.h"
#include "collector/verdict/evidence/roster.h"
#include "collector/verdict/published/gate.h"

/* Networks whose filter is said of an AS behind which they are. */
struct judge_upstream {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	size_t networks;
};

struct judge {
	int64_t now_ms;
	struct roster roster;
	struct health health;
	/* Owned; after judge_close() those that are held back, by key. */
	struct gate_accusation *accusations;
	size_t naccusations;
	double expected_wrong;  /* accusations that stand */
	struct review *reviews; /* owned: what was decided */
	size_t nreviews;
	bool ignores_reviews;             /* accusations are not held for one */
	struct judge_upstream *upstreams; /* owned; by key */
	size_t nupstreams;
};

void judge_init(struct judge *judge, int64_t now_ms);

/* When an agent was first heard of, and who runs it. Of agents without this the
 * first day of their rows counts, and each is its own operator. 0 or -ENOMEM.
 */
int judge_enrol(struct judge *judge, const struct vantage *vantage);

/* Would judge_enrol() change what is known of other agents, or of this one that
 * is known? */
bool judge_is_news(const struct judge *judge, const struct vantage *vantage);

/* What was decided about a network's accusation. 0 or -ENOMEM. */
int judge_review(struct judge *judge, const struct review *review);

/* The decision about this network; NULL: there is none. */
const struct review *judge_find_review(
    const struct judge *judge, const struct network_verdict *verdict);

/* The first look at a network. 0 or -ENOMEM. */
int judge_learn(struct judge *judge, const struct evidence *evidence);

/*
 * Judge a network. `verdict` is for the caller to end with
 * network_verdict_end(), and lasts no longer than the evidence; `*before` is
 * the state that was published at the end of yesterday, `insufficient` if none
 * was. 0 or -ENOMEM, with nothing to end.
 */
int judge_decide(const struct judge *judge, const struct evidence *evidence,
    struct network_verdict *verdict, enum network_state *before);

/* The same where the state that was published at the end of yesterday is known
 * to be `before`. */
int judge_resume(const struct judge *judge, const struct evidence *evidence,
    enum network_state before, struct network_verdict *verdict);

/* Called with a day of the replay and what was published at its end, but for
 * the bound on all accusations; `verdict` is as of published_day(), and valid
 * during the call. Anything but 0 ends the replay. */
typedef int judge_visit_day(
    void *arg, int32_t day, const struct network_verdict *verdict);

/* Visit the days of a network from `since_day` on. 0, -ENOMEM or what `visit`
 * returned. */
int judge_follow(const struct judge *judge, const struct evidence *evidence,
    int32_t since_day, judge_visit_day *visit, void *arg);

/* The second look: note what a network is accused of. 0 or -ENOMEM. */
int judge_note(struct judge *judge, const struct network_verdict *verdict);

/* All accusations are noted. 0 or -ENOMEM. */
int judge_close(struct judge *judge);

/* What the verdict on one network owes to those on all: an accusation that is
 * taken back, or that other networks behind the same AS share. judge_decide()
 * does it after judge_close(). */
void judge_finish(const struct judge *judge, struct network_verdict *verdict);

/* Was an accusation taken back? After judge_close(). */
bool judge_holds_back(
    const struct judge *judge, uint32_t asn, uint8_t family, uint16_t port);

void judge_free(struct judge *judge);

#endif
