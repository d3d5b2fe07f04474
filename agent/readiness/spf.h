/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EGRESS25_AGENT_READINESS_SPF_H
#define EGRESS25_AGENT_READINESS_SPF_H

/*
 * SPF (RFC 7208): may this address send mail for this domain? Pure: it asks
 * its DNS questions one by one and is given the answers, so that every record
 * is a test row.
 *
 *	spf_begin(&spf, &address, "example.net");
 *	while (spf_next(&spf, &question))
 *		spf_give(&spf, answer to the question);
 *	... spf.result, spf.because
 *
 * a, mx, ip4, ip6, include, redirect, exists and all are evaluated. Macros
 * (RFC 7208, 7) and ptr are not: if one of them would decide, the result is
 * SPF_UNKNOWN. Limits of section 4.6.4: 10 terms that need DNS, 2 void
 * lookups, 10 hosts for one mx.
 */

#include "agent/readiness/spf_record.h"

#define SPF_RECORD_SIZE 2048 /* a longer record is an error */
#define SPF_DEPTH_MAX   11   /* the domain itself and 10 includes */
#define SPF_LOOKUPS_MAX 10
#define SPF_VOIDS_MAX   2
#define SPF_MX_MAX      10

enum spf_question_type { SPF_ASK_TXT, SPF_ASK_A, SPF_ASK_AAAA, SPF_ASK_MX };

struct spf_question {
	enum spf_question_type type;
	char name[256];
};

enum spf_answer_status { SPF_FOUND, SPF_NOTHING, SPF_DNS_FAILED };

/* Everything is borrowed until spf_give() returns. */
struct spf_answer {
	enum spf_answer_status status;
	const char *const *text; /* TXT: each record's strings joined */
	size_t ntext;
	const struct addr *address; /* A, AAAA */
	size_t naddress;
	const char *const *host; /* MX, best first */
	size_t nhost;
	bool cut; /* not all of them are given */
};

/* A record that is being evaluated, and how far. */
struct spf_frame {
	char domain[256];
	char record[SPF_RECORD_SIZE];
	size_t at;          /* offset of the next term */
	char redirect[256]; /* "" none */
	bool redirect_has_macro;
	enum spf_result if_matches; /* of the term that included the next */
	char term[SPF_TERM_SIZE];   /* being evaluated */
};

struct spf {
	struct addr address;
	enum spf_result result;
	char because[160];
	struct spf_frame frame[SPF_DEPTH_MAX];
	size_t depth; /* frames in use */
	int lookups, voids;
	struct spf_question question;
	/* The term that is waiting for an answer. */
	enum spf_result waiting_result;
	unsigned waiting_prefix4, waiting_prefix6;
	bool waiting_exists;
	char mx[SPF_MX_MAX][256];
	size_t nmx, mx_at;
};

/* Start evaluating `domain`'s record for `address`. */
void spf_begin(struct spf *spf, const struct addr *address, const char *domain);

/* True: answer `question` with spf_give(). False: the result is final. */
bool spf_next(const struct spf *spf, struct spf_question *question);

/* Answer the question that spf_next() returned. */
void spf_give(struct spf *spf, const struct spf_answer *answer);

/* "pass", "fail", ...; "unknown" for SPF_PENDING too. */
const char *spf_result_word(enum spf_result result);

#endif
