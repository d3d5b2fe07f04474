/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/spf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a term came to. */
enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_WAITS,   /* for an answer of DNS */
	MATCH_SETTLED, /* the whole evaluation ended */
};

static void run(struct spf *spf);

static void settle(struct spf *spf, enum spf_result result, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

static void settle(
    struct spf *spf, enum spf_result result, const char *format, ...)
{
	va_list args;

	spf->result = result;
	va_start(args, format);
	vsnprintf(spf->because, sizeof(spf->because), format, args);
	va_end(args);
}

static void ask(struct spf *spf, enum spf_question_type type, const char *name)
{
	spf->question.type = type;
	snprintf(spf->question.name, sizeof(spf->question.name), "%s", name);
}

static struct spf_frame *top(struct spf *spf)
{
	return &spf->frame[spf->depth - 1];
}

/* Begin with another domain's record, on top of those under way. */
static void push(struct spf *spf, const char *domain)
{
	struct spf_frame *frame;

	if (spf->depth == SPF_DEPTH_MAX) {
		settle(spf, SPF_UNKNOWN, "includes are nested too deep");
		return;
	}
	spf->depth++;
	frame = top(spf);
	memset(frame, 0, sizeof(*frame));
	snprintf(frame->domain, sizeof(frame->domain), "%s", domain);
	ask(spf, SPF_ASK_TXT, domain);
}

void spf_begin(struct spf *spf, const struct addr *address, const char *domain)
{
	memset(spf, 0, sizeof(*spf));
	spf->address = *address;
	push(spf, domain);
}

bool spf_next(const struct spf *spf, struct spf_question *question)
{
	if (spf->result != SPF_PENDING)
		return false;
	*question = spf->question;
	return true;
}

static void say_result(struct spf *spf, enum spf_result result)
{
	const struct spf_frame *frame = top(spf);

	if (result == SPF_NONE)
		settle(spf, result, "%.120s has no SPF record", frame->domain);
	else
		settle(spf, result, "%.80s says %s%s%s%s", frame->domain,
		    spf_result_word(result), frame->term[0] ? " (" : "",
		    frame->term, frame->term[0] ? ")" : "");
}

/* A record that gave no result: the including one decides what that means
 * (RFC 7208, 5.2), and at the bottom it is none or neutral. */
static void finish_frame(struct spf *spf, enum spf_result result)
{
	struct spf_frame *frame;

	if (spf->depth == 1 && result == SPF_NONE && spf->lookups > 0) {
		settle(spf, SPF_UNKNOWN,
		    "%.80s is redirected to and has no SPF record",
		    top(spf)->domain);
		return;
	}
	if (spf->depth == 1) {
		say_result(spf, result);
		return;
	}
	if (result == SPF_NONE) {
		settle(spf, SPF_UNKNOWN,
		    "%.80s is included and has no SPF record",
		    top(spf)->domain);
		return;
	}
	spf->depth--;
	frame = top(spf);
	if (result == SPF_PASS) {
		finish_frame(spf, frame->if_matches);
		return;
	}
	run(spf);
}

/* The one SPF record among the texts. NULL: there is none, or it settled. */
static const char *find_record(struct spf *spf, const struct spf_answer *answer)
{
	const char *record = NULL;
	size_t i;

	for (i = 0; i < answer->ntext; i++) {
		if (!spf_is_record(answer->text[i]))
			continue;
		if (record != NULL) {
			settle(spf, SPF_UNKNOWN, "%.100s has two SPF records",
			    top(spf)->domain);
			return NULL;
		}
		record = answer->text[i];
	}
	if (answer->cut)
		settle(spf, SPF_UNKNOWN, "%.80s has too many texts to look at",
		    top(spf)->domain);
	return answer->cut ? NULL : record;
}

static void give_txt(struct spf *spf, const struct spf_answer *answer)
{
	const char *record = find_record(spf, answer);
	struct spf_frame *frame = top(spf);
	char wrong[SPF_TERM_SIZE];

	if (spf->result != SPF_PENDING)
		return;
	if (record == NULL) {
		finish_frame(spf, SPF_NONE);
		return;
	}
	if (strlen(record) >= SPF_RECORD_SIZE) {
		settle(spf, SPF_UNKNOWN, "the SPF record of %.100s is too long",
		    frame->domain);
		return;
	}
	if (!spf_check_record(record, wrong)) {
		settle(spf, SPF_UNKNOWN, "%.80s has \"%s\" in its SPF record",
		    frame->domain, wrong);
		return;
	}
	strcpy(frame->record, record);
	frame->at = SPF_VERSION_LENGTH;
	run(spf);
}

static bool in_prefix(const struct spf *spf, const struct addr *other,
    const struct spf_term *term)
{
	unsigned bits = spf->address.family == 4 ? term->prefix4
						 : term->prefix6;
	struct addr a, b;

	if (other->family != spf->address.family)
		return false;
	a = addr_mask(&spf->address, bits);
	b = addr_mask(other, bits);
	return addr_equal(&a, &b);
}

/* A term that asks DNS (RFC 7208, 4.6.4). False: one too many. */
static bool count_lookup(struct spf *spf)
{
	if (++spf->lookups <= SPF_LOOKUPS_MAX)
		return true;
	settle(spf, SPF_UNKNOWN, "%.80s needs more than %d DNS look-ups",
	    spf->frame[0].domain, SPF_LOOKUPS_MAX);
	return false;
}

/* A term that asks DNS: counted, and asked about its own domain or ours. */
static enum match match_by_dns(struct spf *spf, const struct spf_term *term)
{
	const char *domain = term->domain[0] ? term->domain : top(spf)->domain;

	if (!count_lookup(spf))
		return MATCH_SETTLED;
	spf->waiting_result = term->result;
	spf->waiting_prefix4 = term->prefix4;
	spf->waiting_prefix6 = term->prefix6;
	spf->waiting_exists = term->kind == SPF_EXISTS;
	spf->nmx = spf->mx_at = 0;
	if (term->kind == SPF_INCLUDE) {
		top(spf)->if_matches = term->result;
		push(spf, domain);
	} else if (term->kind == SPF_MX) {
		ask(spf, SPF_ASK_MX, domain);
	} else {
		ask(spf,
		    spf->waiting_exists || spf->address.family == 4
			? SPF_ASK_A
			: SPF_ASK_AAAA,
		    domain);
	}
	return spf->result == SPF_PENDING ? MATCH_WAITS : MATCH_SETTLED;
}

static enum match match_term(struct spf *spf, const struct spf_term *term)
{
	const char *why = "nobody should use ptr";

	switch (term->kind) {
	case SPF_ALL:
		return MATCH_YES;
	case SPF_IP4:
	case SPF_IP6:
		return in_prefix(spf, &term->network, term) &&
			       (term->kind == SPF_IP4) ==
				   (spf->address.family == 4)
			   ? MATCH_YES
			   : MATCH_NO;
	case SPF_A:
	case SPF_MX:
	case SPF_INCLUDE:
	case SPF_EXISTS:
		if (!term->has_macro)
			return match_by_dns(spf, term);
		why = "it has a macro";
		break;
	default:
		break;
	}
	settle(
	    spf, SPF_UNKNOWN, "\"%s\" is not evaluated: %s", term->text, why);
	return MATCH_SETTLED;
}

static void follow_redirect(struct spf *spf)
{
	char domain[256];

	if (top(spf)->redirect[0] == '\0') {
		finish_frame(spf, SPF_NEUTRAL);
		return;
	}
	if (top(spf)->redirect_has_macro) {
		settle(spf, SPF_UNKNOWN,
		    "redirect=%.64s is not evaluated: it has a macro",
		    top(spf)->redirect);
		return;
	}
	if (!count_lookup(spf))
		return;
	strcpy(domain, top(spf)->redirect);
	spf->depth--;
	push(spf, domain);
}

/* True: a modifier, which is dealt with. */
static bool take_modifier(struct spf *spf, const struct spf_term *term)
{
	if (term->kind < SPF_REDIRECT)
		return false;
	if (term->kind == SPF_REDIRECT) {
		strcpy(top(spf)->redirect, term->domain);
		top(spf)->redirect_has_macro = term->has_macro;
	}
	return true;
}

/* Go through the record on top, which is well formed, term by term, until one
 * matches, asks, or none is left. */
static void run(struct spf *spf)
{
	struct spf_frame *frame = top(spf);
	struct spf_term term;
	const char *at;
	enum match match;

	while (spf->result == SPF_PENDING) {
		at = frame->record + frame->at;
		memset(frame->term, 0, sizeof(frame->term));
		if (spf_read_term(&at, &term) != SPF_READ_TERM) {
			follow_redirect(spf);
			return;
		}
		frame->at = (size_t)(at - frame->record);
		if (take_modifier(spf, &term))
			continue;
		memcpy(frame->term, term.text, sizeof(frame->term));
		match = match_term(spf, &term);
		if (match == MATCH_YES)
			finish_frame(spf, term.result);
		if (match != MATCH_NO)
			return;
	}
}

/* A look-up that found nothing (RFC 7208, 4.6.4). False: one too many. */
static bool count_void(struct spf *spf)
{
	if (++spf->voids <= SPF_VOIDS_MAX)
		return true;
	settle(spf, SPF_UNKNOWN,
	    "%.80s: more than %d DNS look-ups found nothing",
	    spf->frame[0].domain, SPF_VOIDS_MAX);
	return false;
}

static void ask_next_mx(struct spf *spf)
{
	if (spf->mx_at == spf->nmx) {
		run(spf);
		return;
	}
	ask(spf, spf->address.family == 4 ? SPF_ASK_A : SPF_ASK_AAAA,
	    spf->mx[spf->mx_at++]);
}

static void give_mx(struct spf *spf, const struct spf_answer *answer)
{
	size_t i;

	if (answer->nhost > SPF_MX_MAX) {
		settle(spf, SPF_UNKNOWN, "%.80s has more than %d MX hosts",
		    spf->question.name, SPF_MX_MAX);
		return;
	}
	for (i = 0; i < answer->nhost; i++)
		snprintf(spf->mx[i], sizeof(spf->mx[i]), "%s", answer->host[i]);
	spf->nmx = answer->nhost;
	ask_next_mx(spf);
}

static void give_addresses(struct spf *spf, const struct spf_answer *answer)
{
	struct spf_term term = {
	    .prefix4 = spf->waiting_prefix4,
	    .prefix6 = spf->waiting_prefix6,
	};
	size_t i;

	for (i = 0; i < answer->naddress; i++)
		if (spf->waiting_exists ||
		    in_prefix(spf, &answer->address[i], &term)) {
			finish_frame(spf, spf->waiting_result);
			return;
		}
	if (answer->cut)
		settle(spf, SPF_UNKNOWN,
		    "%.80s has too many addresses to look at",
		    spf->question.name);
	else
		ask_next_mx(spf);
}

void spf_give(struct spf *spf, const struct spf_answer *answer)
{
	static const struct spf_answer nothing = {.status = SPF_NOTHING};
	bool first = spf->depth == 1 && spf->lookups == 0;

	if (spf->result != SPF_PENDING)
		return;
	if (answer->status == SPF_DNS_FAILED) {
		settle(spf, SPF_UNKNOWN, "DNS did not answer for %.100s",
		    spf->question.name);
		return;
	}
	if (answer->status == SPF_NOTHING) {
		answer = &nothing;
		if (!first && !count_void(spf))
			return;
	}
	if (spf->question.type == SPF_ASK_TXT)
		give_txt(spf, answer);
	else if (spf->question.type == SPF_ASK_MX)
		give_mx(spf, answer);
	else
		give_addresses(spf, answer);
}

const char *spf_result_word(enum spf_result result)
{
	static const char *const words[] = {
	    [SPF_PENDING] = "unknown",
	    [SPF_NONE] = "none",
	    [SPF_PASS] = "pass",
	    [SPF_FAIL] = "fail",
	    [SPF_SOFTFAIL] = "softfail",
	    [SPF_NEUTRAL] = "neutral",
	    [SPF_UNKNOWN] = "unknown",
	};

	return words[result];
}
