/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_NETWORK_WORDS_H
#define EGRESS25_COLLECTOR_RECORD_NETWORK_WORDS_H

/* What a network may be called, and the words for it (contract, sections 1 and
 * 5). Pure. */

enum network_state {
	STATE_OPEN,
	STATE_FILTERED,
	STATE_PARTIAL,
	STATE_INTERCEPTED,
	STATE_INCONSISTENT,
	STATE_INSUFFICIENT,
	STATE_COUNT
};

/* The state's word in the contract; "" for a value that is not a state. */
const char *network_state_word(enum network_state state);

/* The state with that word, or -1. */
int network_state_from_word(const char *word);

/* How far the state reaches. */
enum network_reach {
	REACH_NONE,
	REACH_NETWORK,   /* all of it */
	REACH_OBSERVED,  /* every line that was seen */
	REACH_BY_PREFIX, /* some prefixes */
	REACH_BY_LINE,   /* some lines */
	REACH_COUNT
};

/* How much stands behind the state. */
enum network_level {
	LEVEL_NONE, /* of an insufficient network */
	LEVEL_THIN,
	LEVEL_FAIR,
	LEVEL_STRONG,
	LEVEL_COUNT
};

/* Where a network's blocked lines are stopped, as the hops' networks show it. A
 * filter beyond an AS is never charged to it. */
enum network_stop {
	STOP_NONE,     /* of a network that is not accused */
	STOP_OWN,      /* before a hop of its own */
	STOP_BORDER,   /* between a hop of its own and one of another */
	STOP_UPSTREAM, /* after a hop of another */
	STOP_UNKNOWN,
	STOP_COUNT
};

/* Who speaks in an annotation, and what for. The numbers are in databases. */
enum annotation_kind {
	ANNOTATION_REPLY,     /* the operator of the network, of the verdict */
	ANNOTATION_OBJECTION, /* the same, against it */
	ANNOTATION_REMARK,    /* the operator of the collector */
	ANNOTATION_KINDS
};

/* Their words, "" for none; and back, or -1. */
const char *network_reach_word(enum network_reach reach);
const char *network_level_word(enum network_level level);
const char *network_stop_word(enum network_stop stop);
const char *annotation_kind_word(enum annotation_kind kind);
int network_reach_from_word(const char *word);
int network_level_from_word(const char *word);
int network_stop_from_word(const char *word);
int annotation_kind_from_word(const char *word);

#endif
