/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/ehlo_keyword.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REMOVED     "[removed]"
#define DIGITS_MOST 10

/* Sorted. Keywords of extensions and of servers, and what may follow them:
 * ways to log in (IANA, "SASL Mechanisms"), limits, profiles. */
static const char *const words[] = {
    "8BITMIME",
    "ANONYMOUS",
    "ATRN",
    "AUTH",
    "BINARYMIME",
    "BURL",
    "CHECKPOINT",
    "CHUNKING",
    "CONNEG",
    "CONPERM",
    "CRAM-MD5",
    "DELIVERBY",
    "DIGEST-MD5",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "ETRN",
    "EXPN",
    "EXTERNAL",
    "FUTURERELEASE",
    "GSSAPI",
    "HELP",
    "IMAP",
    "LIMITS",
    "LOGIN",
    "MAILMAX",
    "MIXER",
    "MT-PRIORITY",
    "MTRK",
    "NO-SOLICITING",
    "NSEP",
    "NTLM",
    "OAUTHBEARER",
    "ONEX",
    "PIPECONNECT",
    "PIPELINING",
    "PLAIN",
    "PLAIN-CLIENTTOKEN",
    "PRDR",
    "RCPTDOMAINMAX",
    "RCPTMAX",
    "REQUIRETLS",
    "RRVS",
    "SAML",
    "SCRAM-SHA-1",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-256-PLUS",
    "SEND",
    "SIZE",
    "SMTPUTF8",
    "SOML",
    "STANAG4406",
    "STARTTLS",
    "SUBMITTER",
    "TURN",
    "UTF8SMTP",
    "VERB",
    "VRFY",
    "X-ANONYMOUSTLS",
    "X-EXPS",
    "X-LINK2STATE",
    "XCLIENT",
    "XEXCH50",
    "XFORWARD",
    "XOAUTH",
    "XOAUTH2",
    "XRDST",
    "XSHADOW",
};

struct word {
	const char *text;
	size_t length;
};

static int compare(const void *key, const void *item)
{
	const struct word *word = key;
	const char *known = *(const char *const *)item;
	int order = strncasecmp(word->text, known, word->length);

	return order != 0 ? order : known[word->length] == '\0' ? 0 : -1;
}

/* XXXXXXXA. */
static bool is_written_over(const struct word *word)
{
	size_t length = 0;

	while (length < word->length && word->text[length] == 'X')
		length++;
	length += length + 1 == word->length &&
		  isupper((unsigned char)word->text[length]);
	return word->length > 3 && length == word->length;
}

static bool is_number(const struct word *word)
{
	size_t length = 0;

	while (
	    length < word->length && isdigit((unsigned char)word->text[length]))
		length++;
	return length == word->length && length <= DIGITS_MOST;
}

void ehlo_keyword_copy(char *out, size_t size, const char *said)
{
	const char *at = said;
	struct word word;
	size_t kept = 0;

	while (*at != '\0') {
		word = (struct word){at, strcspn(at, " =")};
		if (!is_number(&word) && !is_written_over(&word) &&
		    bsearch(&word, words, sizeof(words) / sizeof(*words),
			sizeof(*words), compare) == NULL)
			break;
		at += word.length;
		at += *at != '\0';
		kept = (size_t)(at - said);
	}
	if (*at != '\0' && kept + sizeof(REMOVED) > size)
		kept = size - sizeof(REMOVED);
	memcpy(out, said, kept);
	strcpy(out + kept, *at != '\0' ? REMOVED : "");
}
