/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/readiness/spf_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TERM_MAX 512 /* characters; a longer one is an error */
#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS   "0123456789"
/* RFC 7208, 7.2: the second kind makes sense in an explanation alone. */
#define DOMAIN_MACROS "slodiphvSLODIPHV"
#define ALL_MACROS    DOMAIN_MACROS "crtCRT"

/* What may follow the name of a term. */
enum domain_use { NO_DOMAIN, MAY_DOMAIN, MUST_DOMAIN, NETWORK };

static const struct form {
	const char *name;
	enum spf_kind kind;
	char delimiter; /* in front of the domain */
	enum domain_use domain;
	bool prefixes;
} forms[] = {
    {"all", SPF_ALL, ':', NO_DOMAIN, false},
    {"include", SPF_INCLUDE, ':', MUST_DOMAIN, false},
    {"a", SPF_A, ':', MAY_DOMAIN, true},
    {"mx", SPF_MX, ':', MAY_DOMAIN, true},
    {"ptr", SPF_PTR, ':', MAY_DOMAIN, false},
    {"ip4", SPF_IP4, ':', NETWORK, true},
    {"ip6", SPF_IP6, ':', NETWORK, true},
    {"exists", SPF_EXISTS, ':', MUST_DOMAIN, false},
    {"redirect", SPF_REDIRECT, '=', MUST_DOMAIN, false},
    {"exp", SPF_EXP, '=', MUST_DOMAIN, false},
};

bool spf_is_record(const char *text)
{
	return strncasecmp(text, "v=spf1", SPF_VERSION_LENGTH) == 0 &&
	       (text[SPF_VERSION_LENGTH] == ' ' ||
		   text[SPF_VERSION_LENGTH] == '\0');
}

static bool is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* The length of the macro that `text` begins with; 0: it is none. */
static size_t macro_length(const char *text, const char *letters)
{
	const char *at = text + 2;

	if (is_in(text[1], "%_-"))
		return 2;
	if (text[1] != '{' || !is_in(*at, letters))
		return 0;
	at++;
	at += strspn(at, DIGITS);
	at += *at == 'r' || *at == 'R';
	at += strspn(at, ".-+,/_=");
	return *at == '}' ? (size_t)(at + 1 - text) : 0;
}

/* Visible characters and whole macros (RFC 7208, 7.1). `*last` becomes the
 * macro at the very end, or NULL. */
static bool is_macro_string(
    const char *text, const char *letters, const char **last)
{
	size_t length;

	*last = NULL;
	while (*text != '\0') {
		length = *text == '%' ? macro_length(text, letters) : 1;
		if (length == 0 || *text <= ' ' || *text > '~')
			return false;
		*last = *text == '%' ? text : NULL;
		text += length;
	}
	return true;
}

/* A label that no number can be: it has a letter or a hyphen inside. */
static bool is_top_label(const char *label, size_t length)
{
	if (length == 0 || strspn(label, DIGITS) >= length)
		return false;
	return strspn(label, ALPHABET DIGITS "-") >= length &&
	       label[0] != '-' && label[length - 1] != '-';
}

/* A domain-spec of section 7.1: a dot and a top label at its end, or a macro.
 * The final dot is taken off. */
static bool take_domain(char *text, struct spf_term *term)
{
	size_t length = strlen(text);
	const char *macro, *dot;

	if (length == 0 || !is_macro_string(text, DOMAIN_MACROS, &macro))
		return false;
	term->has_macro = strchr(text, '%') != NULL;
	if (macro == NULL) {
		if (text[length - 1] == '.')
			text[--length] = '\0';
		dot = strrchr(text, '.');
		if (dot == NULL || !is_top_label(dot + 1, strlen(dot + 1)))
			return false;
	}
	if (length >= sizeof(term->domain))
		return false;
	memcpy(term->domain, text, length + 1);
	return true;
}

/* "0", or digits without a leading zero. */
static bool read_prefix(const char *digits, unsigned most, unsigned *prefix)
{
	unsigned long value = strtoul(digits, NULL, 10);

	if (strlen(digits) > 3 || (digits[0] == '0' && digits[1] != '\0'))
		return false;
	*prefix = (unsigned)value;
	return value <= most;
}

/* Cut "/24" or "//64" off the end; returns its digits, or NULL: there is none
 * of that kind. */
static const char *cut_prefix(char *text, bool doubled)
{
	char *end = text + strlen(text), *digits = end;

	while (digits > text && is_in(digits[-1], DIGITS))
		digits--;
	if (digits == end || digits == text || digits[-1] != '/')
		return NULL;
	if ((digits - 1 > text && digits[-2] == '/') != doubled)
		return NULL;
	digits[doubled ? -2 : -1] = '\0';
	return digits;
}

/* "/24", "/24//64" or "//64" (RFC 7208, 5.6); of ip6 "/64" alone. */
static bool take_prefixes(char *text, struct spf_term *term)
{
	const char *doubled = cut_prefix(text, true);
	const char *single = cut_prefix(text, false);

	if (term->kind == SPF_IP4 || term->kind == SPF_IP6) {
		if (doubled != NULL)
			return false;
		if (term->kind == SPF_IP6) {
			doubled = single;
			single = NULL;
		}
	}
	return (single == NULL || read_prefix(single, 32, &term->prefix4)) &&
	       (doubled == NULL || read_prefix(doubled, 128, &term->prefix6));
}

/* An IPv4-mapped ip6 is well formed, and stays one that matches nothing. */
static bool take_network(const char *text, struct spf_term *term)
{
	bool has_colon = strchr(text, ':') != NULL;

	return addr_parse(&term->network, text) &&
	       has_colon == (term->kind == SPF_IP6);
}

static bool take_value(
    const struct form *form, char *text, struct spf_term *term)
{
	if (form->prefixes && !take_prefixes(text, term))
		return false;
	if (*text == '\0')
		return form->domain == NO_DOMAIN || form->domain == MAY_DOMAIN;
	if (*text++ != form->delimiter || form->domain == NO_DOMAIN)
		return false;
	return form->domain == NETWORK ? take_network(text, term)
				       : take_domain(text, term);
}

/* name "=" macro-string, of any name. */
static bool is_modifier(const char *text, size_t name_length)
{
	const char *ignored;

	return text[name_length] == '=' && is_in(text[0], ALPHABET) &&
	       strspn(text, ALPHABET DIGITS "-_.") >= name_length &&
	       is_macro_string(text + name_length + 1, ALL_MACROS, &ignored);
}

static const struct form *find_form(const char *text, size_t name_length)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (strlen(forms[i].name) == name_length &&
		    strncasecmp(forms[i].name, text, name_length) == 0 &&
		    (text[name_length] == '=') == (forms[i].delimiter == '='))
			return &forms[i];
	return NULL;
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

static bool parse_term(char *text, struct spf_term *term)
{
	bool qualified = is_in(*text, "+-~?");
	size_t name_length;
	const struct form *form;

	term->result = qualifier_result(*text);
	text += qualified;
	name_length = strcspn(text, ":=/");
	form = find_form(text, name_length);
	term->kind = form != NULL ? form->kind : SPF_OTHER;
	if (text[name_length] == '=' && qualified)
		return false;
	if (form == NULL)
		return is_modifier(text, name_length);
	return take_value(form, text + name_length, term);
}

static void show_term(const char *text, size_t length, char out[SPF_TERM_SIZE])
{
	size_t i;

	snprintf(out, SPF_TERM_SIZE, "%.*s", (int)length, text);
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] < ' ' || out[i] > '~')
			out[i] = '?';
}

enum spf_read spf_read_term(const char **at, struct spf_term *term)
{
	char copy[TERM_MAX + 1];
	const char *text;
	size_t length;

	memset(term, 0, sizeof(*term));
	term->prefix4 = 32;
	term->prefix6 = 128;
	*at += strspn(*at, " ");
	text = *at;
	length = strcspn(text, " ");
	if (length == 0)
		return SPF_READ_END;
	*at += length;
	show_term(text, length, term->text);
	if (length > TERM_MAX)
		return SPF_READ_WRONG;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return parse_term(copy, term) ? SPF_READ_TERM : SPF_READ_WRONG;
}

bool spf_check_record(const char *record, char wrong[SPF_TERM_SIZE])
{
	const char *at = record + SPF_VERSION_LENGTH;
	int redirects = 0, exps = 0;
	struct spf_term term;
	enum spf_read read;

	while ((read = spf_read_term(&at, &term)) == SPF_READ_TERM) {
		redirects += term.kind == SPF_REDIRECT;
		exps += term.kind == SPF_EXP;
		if (redirects > 1 || exps > 1)
			break;
	}
	memcpy(wrong, term.text, SPF_TERM_SIZE);
	return read == SPF_READ_END;
}
