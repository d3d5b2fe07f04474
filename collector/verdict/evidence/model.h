/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_VERDICT_EVIDENCE_MODEL_H
#define EGRESS25_COLLECTOR_VERDICT_EVIDENCE_MODEL_H

/*
 * Every number that the verdict rests on (doc/verdict.md, section 3). Chances
 * are between 0 and 1, spans in days.
 */

#include "lib/report/outcome.h"

#define MODEL_WINDOW 30 /* days of rows that are evidence */
#define MODEL_RECENT 14 /* days that count for a vote, a place, steadiness */

/* An endpoint that is well: how often it fails an open line. */
#define MODEL_EPS       .03
#define MODEL_EPS_MAX   .96
#define MODEL_EPS_PRIOR 20.0 /* weight of MODEL_EPS, in networks */
#define MODEL_SICK      .30  /* above it a failure is not logged */

/* An endpoint at odds with a network: line-days that fail there alone. */
#define MODEL_ODDS_LEAST 2
#define MODEL_ODDS_SHARE .8

#define MODEL_DELTA .02 /* a success on a blocked line */

/* Probes that count, a day: of one endpoint, of one line. */
#define MODEL_PER_ENDPOINT 2.0
#define MODEL_PER_DAY      6.0

#define MODEL_START  .30   /* a line is blocked, before its first evidence */
#define MODEL_HAZARD .0135 /* a line changes, each day, in each direction */
#define MODEL_SURE   .90   /* from here on a line is called blocked */

#define MODEL_CHANGE_MIN     2 /* endpoint-days that a change must explain */
#define MODEL_UNSTEADY_MIN   4 /* endpoint-days that no one change explains */
#define MODEL_UNSTEADY_SHARE .15

/* Blocked in a span of each day: hours of the span; sightings, days and
 * endpoint-days that it explains, and the share that disagrees with it. */
#define MODEL_HOURLY_LEAST 3
#define MODEL_HOURLY_MOST  21
#define MODEL_HOURLY_MIN   3
#define MODEL_HOURLY_SHARE .10

#define MODEL_AGE       7  /* younger agents may acquit, not convict */
#define MODEL_BURST     3  /* enrolled so close together: one witness, */
#define MODEL_BURST_AGE 30 /* until they are so old */

#define MODEL_REVIEW_AGE 90 /* who accuses by himself is older */

#define MODEL_EXEMPT   .06 /* a filtering network's line looks open */
#define MODEL_CAPTURED .02 /* all lines of one prefix are wrong together */

/* The four stories, before any evidence. */
#define MODEL_OPEN      .62
#define MODEL_FILTERED  .28
#define MODEL_BY_PREFIX .05
#define MODEL_BY_LINE   .05
#define MODEL_SHARES    10 /* shares of a network that may be filtered */

/* The greatest P(open) at which a network is accused, and kept accused. */
#define MODEL_CAP      .002
#define MODEL_CAP_PART .01
#define MODEL_KEEP_CAP .005
#define MODEL_GATE     .001 /* and the mean of all accusations */

#define MODEL_OPEN_AT        .75
#define MODEL_KEEP           .5 /* the story of a state that is kept */
#define MODEL_WITNESSES      3  /* to accuse */
#define MODEL_PAIR           2  /* or: so many prefixes, */
#define MODEL_EACH           3  /* with so many each, beyond access; */
#define MODEL_EACH_PLACED    2  /* or so many, if no line sees it open */
#define MODEL_KEEP_WITNESSES 2
#define MODEL_OPERATORS      2 /* that see it open, or see both */
#define MODEL_SETTLE_MOST    5 /* more lines that are tried in thought */

/* "On all of the network", not only on what was seen of it. */
#define MODEL_NETWORK_P         .95
#define MODEL_NETWORK_WITNESSES 5

/* Levels of a verdict: what is less than fair is thin. */
#define MODEL_FAIR_P           .75
#define MODEL_FAIR_WITNESSES   3
#define MODEL_STRONG_P         .95
#define MODEL_STRONG_WITNESSES 5

/* A line of an open network looks blocked, by where it seems to be stopped. */
extern const double model_wrong[WHERE_COUNT];

/* The shares of a network that may be filtered, and their chances: t(1-t),
 * scaled to a sum of 1. */
extern const double model_shares[MODEL_SHARES];
extern const double model_share_priors[MODEL_SHARES];

#endif
