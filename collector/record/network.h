/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_COLLECTOR_RECORD_NETWORK_H
#define EGRESS25_COLLECTOR_RECORD_NETWORK_H

/*
 * The published record of a network, which is an (ASN, family, port): the
 * verdict on it, and what is known of its ASN. Plain data: verdict/ fills it,
 * format.h prints it.
 */

#include "collector/record/network_detail.h"
#include "collector/record/network_words.h"
#include "collector/record/row.h"

/* Read an AS number, "64500" or "AS64500". False: it is not one. */
bool network_parse_asn(const char *text, uint32_t *asn);

#define NETWORK_OUTCOMES_MAX  24
#define NETWORK_SENTENCES     6
#define NETWORK_SENTENCE_SIZE 128
#define NETWORK_BECAUSE_SIZE  (NETWORK_SENTENCES * (NETWORK_SENTENCE_SIZE + 2))

struct network_outcome {
	enum outcome outcome;
	enum mechanism mechanism;
	int64_t count; /* of probes */
};

/* Where a sentence is in the line of all of them; length 0: it is not said. */
struct network_sentence {
	uint16_t from, length;
};

/* The verdict on a network, with the figures it rests on (doc/verdict.md,
 * section 7). */
struct network_verdict {
	uint32_t asn;
	uint8_t family;
	uint16_t port;
	enum network_state state;
	enum mechanism mechanism; /* MECHANISM_COUNT: none to name */
	enum where where;
	enum network_reach reach;
	enum network_level level;
	enum network_stop stopped_in;
	uint32_t upstream; /* the AS behind which, of STOP_UPSTREAM; or 0 */
	bool rests_on_new; /* it is accused by agents alone that a review asks
			      about (doc/verdict.md, section 7) */
	double confidence; /* 0 to 1 */
	double wrong;      /* chance that an accused network is open, or -1 */
	/* The share of lines that are blocked, 0 to 1, with the 5 and the 95 %
	 * point of its distribution. */
	double blocked_low, blocked_mid, blocked_high;
	int64_t vantage_points; /* that are surely blocked or open */
	int64_t unsteady;       /* that see both, again and again */
	int64_t witnesses_blocked, witnesses_open;
	int64_t prefixes, endpoints, probes;
	const char **blocked_prefixes; /* owned; the names are borrowed */
	size_t nblocked_prefixes;
	struct network_detail *detail; /* owned; NULL: there is none */
	int64_t since_ms;              /* 0: longer than is known */
	bool since_is_first;           /* it was never seen otherwise */
	int64_t last_ms;               /* the last probe; 0: none */
	struct network_outcome outcomes[NETWORK_OUTCOMES_MAX]; /* by count */
	size_t noutcomes;
	struct network_sentence sentences[NETWORK_SENTENCES]; /* of `because` */
	char because[NETWORK_BECAUSE_SIZE]; /* all of them in one line */
};

/* The lines that a state rests on, of those that are surely blocked or open and
 * of those that see both: an inconsistent network may have no others. */
static inline int64_t network_lines(
    enum network_state state, int64_t vantage_points, int64_t unsteady)
{
	return state == STATE_INCONSISTENT ? vantage_points + unsteady
					   : vantage_points;
}

/* Copy a sentence out of `because`; "": it is not said. */
void network_sentence(const struct network_verdict *verdict, size_t number,
    char out[NETWORK_SENTENCE_SIZE]);

/* Copy the names that the verdict borrows, so that it lasts until it is ended.
 * 0, or -ENOMEM with nothing changed. */
int network_verdict_own(struct network_verdict *verdict);

/* The bytes that it takes, with what it owns. */
size_t network_verdict_bytes(const struct network_verdict *verdict);

/* Free what the verdict owns. */
void network_verdict_end(struct network_verdict *verdict);

/* What somebody said about an ASN. */
struct annotation {
	enum annotation_kind kind;
	int64_t at_ms;  /* 0: nobody noted when */
	char by[64];    /* "": nor who */
	char text[256]; /* "": nothing is said any more */
};

/* An ASN: name and country from its newest rows, and the newest annotation of
 * each kind, the newest first; the first without text ends them. */
struct network_info {
	uint32_t asn;
	char name[ROW_NETWORK_SIZE];
	char country[3];
	struct annotation annotations[ANNOTATION_KINDS];
};

/* Add an annotation with text, of a kind that `info` has not yet. */
void network_add_annotation(
    struct network_info *info, const struct annotation *annotation);

struct network_record {
	struct network_verdict verdict;
	struct network_info info;
	struct network_typical typical;
};

#endif
