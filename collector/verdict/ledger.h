/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_LEDGER_H
#define EGRESS25_COLLECTOR_VERDICT_LEDGER_H

/*
 * The verdicts on all networks, kept up to date: the evidence of each is kept
 * packed (evidence_pack.h), so that what comes is read once, and only the
 * networks that it touches are judged again.
 *
 *	ledger_init(); then, again and again: ledger_advance(), ledger_enrol()
 *	and ledger_add() what came, or ledger_replace() what has changed, with
 *	ledger_review() before; ledger_judge(), read; at last ledger_free().
 *
 * After -ENOMEM it is only to be freed.
 *
 * The endpoints' health is of all networks, and changes a little with every
 * row. It is held until ledger_judge() is told to refresh it, a day begins or,
 * of one endpoint, this is off (health_changed_days()); then all that saw a
 * failure there are judged again. After a refresh all verdicts are, to the
 * byte, what judge.h makes of the same rows. Pure but for the memory that it
 * owns.
 */

#include "collector/verdict/judge.h"
#include "collector/verdict/sights.h"
#include "lib/base/buf.h"

struct ledger_network {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	bool is_stale;      /* today must be judged again */
	bool is_stale_past; /* and the days before it */
	bool has_verdict;   /* it has rows that count */
	bool is_accused;    /* by that verdict */
	int64_t later_ms;   /* it has rows that begin then, after now; or 0 */
	int64_t changes;    /* how often its rows have changed */
	uint8_t *packed;    /* owned, as are those that follow */
	uint32_t length;
	struct sights sights;
	struct network_verdict *verdict; /* before the bound on all */
	enum network_state before;       /* published at the end of yesterday */
};

struct ledger {
	int64_t now_ms;
	struct judge judge;    /* with the health that is held */
	struct health health;  /* as it is */
	struct vantage *early; /* owned: whose first day is still to come */
	size_t nearly;
	bool is_aged; /* what was known of an agent has changed */
	struct ledger_network *networks; /* owned, by key */
	size_t count;
	/* The network to which rows are added. */
	struct evidence gathered;
	bool is_gathering;
	bool gathers_past;   /* some of these rows are of days before today */
	int32_t learns_from; /* the day from which its votes are taken back */
	bool is_another_day;
	struct evidence read; /* of the network that is read */
	struct buf packing;   /* the rows that are kept next */
	int64_t judged;       /* how often a network was */
};

void ledger_init(struct ledger *ledger);

/* It is `now_ms`, which is never earlier than it was. 0 or -ENOMEM. */
int ledger_advance(struct ledger *ledger, int64_t now_ms);

/* An agent, as rows show it that were or will be added: with the day of one of
 * them, and its operator if it is known. 0 or -ENOMEM. */
int ledger_enrol(struct ledger *ledger, const struct vantage *vantage);

/* Add a row; those of one network together are the fastest. Rows are summed,
 * and those out of the window are passed over. 0 or -ENOMEM. */
int ledger_add(struct ledger *ledger, const struct rollup_row *row);

/* Forget the rows of a network, which need not be known yet, from that day on:
 * those that it has now are added next. 0 or -ENOMEM. */
int ledger_replace(
    struct ledger *ledger, const struct rollup_row *network, int32_t from_day);

/* What was decided about accusations is this, and no more. 0 or -ENOMEM. */
int ledger_review(
    struct ledger *ledger, const struct review *reviews, size_t count);

/* Judge what is stale, and bound all accusations; with `refresh` take the
 * endpoints' health as it is. 0 or -ENOMEM. */
int ledger_judge(struct ledger *ledger, bool refresh);

/* The evidence of a network, valid until the next call. NULL: out of memory. */
const struct evidence *ledger_read(
    struct ledger *ledger, const struct ledger_network *network);

/* Call `visit` with each agent that has rows in a network; anything but 0 ends
 * it. 0, -ENOMEM, or what `visit` returned. */
int ledger_agents(const struct ledger_network *network,
    int (*visit)(void *arg, const char *agent), void *arg);

/* The bytes that all of it takes. */
size_t ledger_bytes(const struct ledger *ledger);

void ledger_free(struct ledger *ledger);

#endif
