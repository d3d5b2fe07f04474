/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A term of a record: qualifier, name, and what follows ':', '=' or '/'. */
struct term {
	enum spf_result result; /* if it matches */
	char name[32];
	char value[256]; /* domain or network, without prefix lengths */
	bool is_modifier;
	unsigned prefix4, prefix6;
	bool well_formed;
};

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

static bool is_spf_record(const char *text)
{
	return strncasecmp(text, "v=spf1", 6) == 0 &&
	       (text[6] == ' ' || text[6] == '\0');
}

/* A record that gave no result: the including one decides what that means
 * (RFC 7208, 5.2), and at the bottom it is none or neutral. */
static void finish_frame(struct spf *spf, enum spf_result result)
{
	struct spf_frame *frame;

	if (spf->depth == 1 && result == SPF_NONE && spf->lookups > 0) {
		settle(spf, SPF_UNKNOWN, "%s is redirected to and has no SPF",
		    top(spf)->domain);
		return;
	}
	if (spf->depth == 1) {
		settle(spf, result, "%s says %s", top(spf)->domain,
		    spf_result_word(result));
		return;
	}
	if (result == SPF_NONE) {
		settle(spf, SPF_UNKNOWN, "%s is included and has no SPF",
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

static void give_txt(struct spf *spf, const struct spf_answer *answer)
{
	const char *record = NULL;
	size_t i;

	for (i = 0; i < answer->ntext && answer->status == SPF_FOUND; i++) {
		if (!is_spf_record(answer->text[i]))
			continue;
		if (record != NULL) {
			settle(spf, SPF_UNKNOWN, "%s has two SPF records",
			    top(spf)->domain);
			return;
		}
		record = answer->text[i];
	}
	if (record == NULL) {
		finish_frame(spf, SPF_NONE);
		return;
	}
	if (strlen(record) >= SPF_RECORD_SIZE) {
		settle(spf, SPF_UNKNOWN, "the SPF record of %s is too long",
		    top(spf)->domain);
		return;
	}
	strcpy(top(spf)->record, record);
	top(spf)->at = 6;
	run(spf);
}

/* Digits at `*at`, at most `most`; steps over them. */
static bool take_bits(const char **at, unsigned long most, unsigned *bits)
{
	char *end;
	unsigned long value = strtoul(*at, &end, 10);

	if (**at < '0' || **at > '9' || value > most)
		return false;
	*bits = (unsigned)value;
	*at = end;
	return true;
}

/* Take "/24", "/24//64" or "//64" off the end of a term (RFC 7208, 5.6). */
static bool take_prefixes(struct term *term)
{
	bool is6 = strcasecmp(term->name, "ip6") == 0;
	char *slash = strchr(term->value, '/');
	const char *at = slash;

	term->prefix4 = 32;
	term->prefix6 = 128;
	if (slash == NULL)
		return true;
	if (at[1] != '/') {
		at++;
		if (!take_bits(&at, is6 ? 128 : 32,
			is6 ? &term->prefix6 : &term->prefix4))
			return false;
	}
	if (*at != '\0') {
		if (strncmp(at, "//", 2) != 0)
			return false;
		at += 2;
		if (!take_bits(&at, 128, &term->prefix6) || *at != '\0')
			return false;
	}
	*slash = '\0';
	return true;
}

static enum spf_result qualifier_result(char c)
{
	switch (c) {
	case '-':
		return SPF_FAIL;
	case '~':
		return SPF_SOFTFAIL;
	case '?':
		return SPF_NEUTRAL;
	default:
		return SPF_PASS;
	}
}

static void parse_term(const char *text, size_t length, struct term *term)
{
	char copy[320];
	size_t name;

	memset(term, 0, sizeof(*term));
	if (length >= sizeof(copy))
		return;
	memcpy(copy, text, length);
	copy[length] = '\0';
	text = copy;
	term->result = qualifier_result(*text);
	text += *text != '\0' && strchr("+-~?", *text) != NULL;
	name = strcspn(text, ":=/");
	if (name == 0 || name >= sizeof(term->name))
		return;
	memcpy(term->name, text, name);
	term->is_modifier = text[name] == '=';
	text += name;
	if (*text == ':' || *text == '=')
		text++;
	if (strlen(text) >= sizeof(term->value))
		return;
	strcpy(term->value, text);
	term->well_formed = term->is_modifier || take_prefixes(term);
}

static bool in_prefix(
    const struct spf *spf, const struct addr *other, const struct term *term)
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

static enum match match_network(struct spf *spf, const struct term *term)
{
	bool is4 = strcasecmp(term->name, "ip4") == 0;
	struct addr network;

	if (!addr_parse(&network, term->value) ||
	    network.family != (is4 ? 4 : 6)) {
		settle(spf, SPF_UNKNOWN, "%s:%.80s is no network", term->name,
		    term->value);
		return MATCH_SETTLED;
	}
	return in_prefix(spf, &network, term) ? MATCH_YES : MATCH_NO;
}

/* A term that asks DNS: counted, and asked about its own domain or ours. */
static enum match match_by_dns(struct spf *spf, const struct term *term)
{
	const char *domain = term->value[0] ? term->value : top(spf)->domain;

	if (++spf->lookups > SPF_LOOKUPS_MAX) {
		settle(spf, SPF_UNKNOWN, "more than %d DNS look-ups",
		    SPF_LOOKUPS_MAX);
		return MATCH_SETTLED;
	}
	spf->waiting_result = term->result;
	spf->waiting_prefix4 = term->prefix4;
	spf->waiting_prefix6 = term->prefix6;
	spf->waiting_exists = strcasecmp(term->name, "exists") == 0;
	spf->nmx = spf->mx_at = 0;
	if (strcasecmp(term->name, "include") == 0) {
		top(spf)->if_matches = term->result;
		push(spf, domain);
	} else if (strcasecmp(term->name, "mx") == 0) {
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

static bool asks_dns(const char *name)
{
	return strcasecmp(name, "a") == 0 || strcasecmp(name, "mx") == 0 ||
	       strcasecmp(name, "include") == 0 ||
	       strcasecmp(name, "exists") == 0;
}

static enum match match_term(struct spf *spf, const struct term *term)
{
	if (strcasecmp(term->name, "all") == 0)
		return MATCH_YES;
	if (strchr(term->value, '%') != NULL) {
		settle(spf, SPF_UNKNOWN,
		    "%.32s uses macros, which are not "
		    "evaluated",
		    term->name);
		return MATCH_SETTLED;
	}
	if (strcasecmp(term->name, "ip4") == 0 ||
	    strcasecmp(term->name, "ip6") == 0)
		return match_network(spf, term);
	if (asks_dns(term->name))
		return match_by_dns(spf, term);
	settle(spf, SPF_UNKNOWN, "%.32s is not evaluated", term->name);
	return MATCH_SETTLED;
}

static void follow_redirect(struct spf *spf)
{
	char domain[256];

	if (top(spf)->redirect[0] == '\0') {
		finish_frame(spf, SPF_NEUTRAL);
		return;
	}
	if (++spf->lookups > SPF_LOOKUPS_MAX) {
		settle(spf, SPF_UNKNOWN, "more than %d DNS look-ups",
		    SPF_LOOKUPS_MAX);
		return;
	}
	strcpy(domain, top(spf)->redirect);
	spf->depth--;
	push(spf, domain);
}

/* True: a modifier, which is dealt with. */
static bool take_modifier(struct spf *spf, const struct term *term)
{
	if (!term->is_modifier)
		return false;
	if (strcasecmp(term->name, "redirect") != 0)
		return true;
	if (strchr(term->value, '%') != NULL)
		settle(spf, SPF_UNKNOWN,
		    "redirect uses macros, which are "
		    "not evaluated");
	else
		strcpy(top(spf)->redirect, term->value);
	return true;
}

/* Go through the record on top, term by term, until one matches, asks, or
 * none is left. */
static void run(struct spf *spf)
{
	struct spf_frame *frame = top(spf);
	struct term term;
	size_t length;
	enum match match;

	while (spf->result == SPF_PENDING) {
		frame->at += strspn(frame->record + frame->at, " ");
		length = strcspn(frame->record + frame->at, " ");
		if (length == 0) {
			follow_redirect(spf);
			return;
		}
		parse_term(frame->record + frame->at, length, &term);
		frame->at += length;
		if (!term.well_formed) {
			settle(spf, SPF_UNKNOWN,
			    "the SPF record of %.100s is malformed",
			    frame->domain);
			return;
		}
		if (take_modifier(spf, &term))
			continue;
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
	settle(spf, SPF_UNKNOWN, "more than %d look-ups found nothing",
	    SPF_VOIDS_MAX);
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
		settle(spf, SPF_UNKNOWN, "more than %d MX hosts", SPF_MX_MAX);
		return;
	}
	for (i = 0; i < answer->nhost; i++)
		snprintf(spf->mx[i], sizeof(spf->mx[i]), "%s", answer->host[i]);
	spf->nmx = answer->nhost;
	ask_next_mx(spf);
}

static void give_addresses(struct spf *spf, const struct spf_answer *answer)
{
	struct term term = {
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
