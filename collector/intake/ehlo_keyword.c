/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/intake/ehlo_keyword.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "lib/base/text.h"

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

/* XXXXXXXA. */
static bool is_written_over(const char *word, size_t length)
{
	size_t count = 0;

	while (count < length && word[count] == 'X')
		count++;
	count += count + 1 == length && isupper((unsigned char)word[count]);
	return length > 3 && count == length;
}

static bool is_known(const char *word, size_t length)
{
	return (text_is_digits(word, length) && length <= DIGITS_MOST) ||
	       is_written_over(word, length) ||
	       text_is_among(
		   word, length, words, sizeof(words) / sizeof(*words));
}

void ehlo_keyword_copy(char *out, size_t size, const char *said)
{
	const char *at = said;
	size_t kept = 0, length;

	while (*at != '\0') {
		length = strcspn(at, " =");
		if (!is_known(at, length))
			break;
		at += length;
		at += *at != '\0';
		kept = (size_t)(at - said);
	}
	if (*at != '\0' && kept + sizeof(REMOVED) > size)
		kept = size - sizeof(REMOVED);
	memcpy(out, said, kept);
	strcpy(out + kept, *at != '\0' ? REMOVED : "");
}
